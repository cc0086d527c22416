"""Many small files: posted, consumed, fetched over one hop and two."""
import os, subprocess

from bench import FOLDERS, SMALL
from measure import run, system_calls, then_sync, together
from peers import Peers
from switch import WebServer


def post(bench):
    """dd_post beside the raw ceiling, and the field's tools."""
    queue = ["q_feeder.bench.post", "xpublic"]
    empty = lambda: run([bench.raw, "queue", bench.feeder, *queue])
    words = lambda programs: [programs + "/dd_post", "-b", bench.feeder, "-ex", "xpublic", "-u", bench.url, "-dr", bench.source,
                              bench.source + "/small"]
    tools = {}
    for name, programs in bench.programs.items():
        tools[f"{name}_post" if name == "dd" else "dd_post before"] = lambda programs=programs: (empty(), run(words(programs)))[1]
    for window in (100, 500, 1000):
        tools[f"librabbitmq, {window} unconfirmed"] = lambda window=window: (
            empty(), run([bench.raw, "publish", bench.feeder, "xpublic", str(SMALL), str(window)]))[1]
    peers = Peers(bench)
    tools |= peers.posters(bench.source + "/small", empty)
    counted = {"dd_post": lambda: (empty(), system_calls(words(bench.arguments.programs)))[1]}
    bench.compare(f"post {SMALL:,} of 1 KiB", "posts/s", SMALL, tools, counted=counted)

    def consume():
        empty()
        run([bench.raw, "publish", bench.feeder, "xpublic", str(SMALL), "1000"])
        return run([bench.raw, "consume", bench.feeder, queue[0], str(SMALL)])

    bench.compare(f"consume {SMALL:,} posts", "posts/s", SMALL, {"librabbitmq": consume})
    empty()


def one(bench):
    """One file: start of dd_post to its confirmation, as a whole process."""
    path = bench.source + "/small/0/0"
    times = [bench.post(path).seconds * 1000 for _ in range(30)]
    bench.latency("one file, start of dd_post to confirmed", "dd_post", times)


def fetch(bench, places, where, durable, parallel=None):
    """Fetching what waits in a queue, beside other tools; `durable`: until the disk has all of it."""
    configs = {}
    tools, counted = {}, {}

    def filled(name, folder, programs, user="bob", reports="on"):
        lines = [f"parallel {parallel}"] if parallel else []
        config = bench.subscriber(name, folder, *lines, user=user, log_back=reports)
        bench.prepare(config)
        bench.post(bench.source + "/small")
        return [programs + "/dd_subscribe", config, "--exit_after", str(SMALL), "--log_level", "warning"]

    def dd(name, programs, reports="on"):
        folder = places.fresh("received")
        words = filled(name.replace(" ", "_") + where + reports, folder, programs, reports=reports)
        bench.check_fresh(folder)
        figures = run(words)
        bench.check_received(folder)
        return figures

    for name, programs in bench.programs.items():
        tools["dd_subscribe" + name[2:]] = lambda name=name, programs=programs: dd(name, programs)
    tools["dd_subscribe, no reports"] = lambda: dd("dd", bench.arguments.programs, "off")
    counted["dd_subscribe"] = lambda: system_calls(filled("counted" + where, places.fresh("received"), bench.arguments.programs))

    def ended(folder, figures):
        figures = then_sync(figures, folder) if durable else figures
        bench.check_received(folder)
        return figures

    def curl_words(folder):
        path = f"{bench.work}/curl.{where}"
        with open(path, "w") as file:
            for d in range(FOLDERS):
                for f in range(SMALL // FOLDERS):
                    file.write(f'url = "{bench.url}small/{d}/{f}"\noutput = "{folder}/small/{d}/{f}"\n')
        return ["curl", "-s", "--parallel", "--create-dirs", "-K", path]

    def curl():
        folder = places.fresh("received")
        words = curl_words(folder)
        # Its progress lines come in spite of -s.
        return ended(folder, run(words, stderr=subprocess.DEVNULL))

    def multi(parallel=16):
        folder = places.fresh("received")
        queue = "q_feeder.bench.raw"
        run([bench.raw, "queue", bench.feeder, queue, "xpublic"])
        bench.post(bench.source + "/small")
        return ended(folder, run([bench.raw, "fetch", bench.feeder, queue, str(SMALL), folder, str(parallel)]))

    def rsync():
        folder = places.fresh("received")
        return ended(folder, run(["rsync", "-a", bench.source + "/small", folder + "/"]))

    tools |= {"curl --parallel": curl, "libcurl and librabbitmq, C": multi, "rsync -a, no network": rsync}
    counted["curl --parallel"] = lambda: system_calls(curl_words(places.fresh("received")))
    tools |= Peers(bench).fetchers(places, ended)
    label = where + (", all of it safe" if durable else "") + (f", {parallel} workers" if parallel else "")
    bench.compare(f"fetch {SMALL:,} of 1 KiB to {label}", "files/s", SMALL, tools, counted=counted)


def memory(bench):
    fetch(bench, bench.memory_places, "memory", False)


def disk(bench):
    fetch(bench, bench.disk_places, "disk", True)


def workers(bench):
    """Whether more workers cost more for each file."""
    for count in (2, 4, 8):
        tools = {}
        for name, programs in bench.programs.items():
            def dd(programs=programs):
                folder = bench.memory_places.fresh("received")
                config = bench.subscriber("workers", folder, f"parallel {count}", user="bob", log_back="on")
                bench.prepare(config)
                bench.post(bench.source + "/small")
                return run([programs + "/dd_subscribe", config, "--exit_after", str(SMALL), "--log_level", "warning"])
            tools["dd_subscribe" + name[2:]] = dd
        bench.compare(f"fetch {SMALL:,} of 1 KiB to memory, {count} workers", "files/s", SMALL, tools)


def hops(bench):
    """dd_sara and dd_subscribe: from posts that wait to files at the subscriber's."""
    run([bench.raw, "declare", bench.feeder, "xd_bench_in"])
    run([bench.raw, "declare", bench.feeder, "xd_bench_out"])
    tools = {}
    for name, programs in bench.programs.items():
        def dd(programs=programs):
            stored, received = bench.memory_places.fresh("stored"), bench.memory_places.fresh("received")
            web = WebServer(bench.memory_places.fresh("web") + "/nginx", f"location / {{ root {stored}; }}")
            try:
                sara = bench.configure(
                    "dd_sara", "hop", f"source_broker {bench.feeder}", "source_exchange xd_bench_in", "queue q_feeder.bench.hop",
                    f"document_root {stored}", "mirror on", f"broker {bench.feeder}", "exchange xd_bench_out", f"url {web.url}",
                    "cluster local", "trusted on", "log_back off")
                subscribe = bench.subscriber("hop_end", received, exchange="xd_bench_out")
                run([programs + "/dd_sara", sara, "--exit_idle", "1"], stderr=subprocess.DEVNULL)
                bench.prepare(subscribe)
                run([programs + "/dd_post", "-b", bench.feeder, "-ex", "xd_bench_in", "-u", bench.url, "-dr", bench.source,
                     bench.source + "/small"])
                figures = together([programs + "/dd_sara", sara, "--exit_after", str(SMALL), "--log_level", "warning"],
                                   [programs + "/dd_subscribe", subscribe, "--exit_after", str(SMALL), "--log_level", "warning"])
                bench.check_received(received)
                return figures
            finally:
                web.stop()
        tools["dd_sara and dd_subscribe" + name[2:]] = dd

    def curl():
        folder = bench.memory_places.fresh("received")
        path = f"{bench.work}/curl.hops"
        with open(path, "w") as file:
            for d in range(FOLDERS):
                for f in range(SMALL // FOLDERS):
                    file.write(f'url = "{bench.url}small/{d}/{f}"\noutput = "{folder}/small/{d}/{f}"\n')
        return run(["curl", "-s", "--parallel", "--create-dirs", "-K", path], stderr=subprocess.DEVNULL)

    tools["curl --parallel, one hop"] = curl
    bench.compare(f"{SMALL:,} of 1 KiB over two hops, memory", "files/s", SMALL, tools)


def winnow(bench):
    """dd_winnow: each post twice, from two exchanges, and once behind it."""
    for name in ("one", "two", "out"):
        run([bench.raw, "declare", bench.feeder, f"xw_bench_{name}"])
    ends = [bench.raw, "queue", bench.feeder, "q_feeder.bench.winnowed", "xw_bench_out"]
    count = 5 * SMALL
    tools = {}
    for name, programs in bench.programs.items():
        def dd(programs=programs):
            # What is remembered is another file in each run: everything is new.
            state = bench.memory_places.fresh("state")
            config = bench.configure("dd_winnow", "winnow", f"source_broker {bench.feeder}", "source_exchange xw_bench_one",
                                     "source_exchange xw_bench_two", f"broker {bench.feeder}", "exchange xw_bench_out")
            environment = dict(os.environ, DD_STATE_HOME=state)
            words = [programs + "/dd_winnow", config]
            run(words + ["--exit_idle", "1"], env=environment, stderr=subprocess.DEVNULL)
            run(ends)
            for source in ("one", "two"):
                run([bench.raw, "publish", bench.feeder, f"xw_bench_{source}", str(count), "1000"])
            figures = run(words + ["--exit_after", str(2 * count), "--log_level", "warning"], env=environment)
            run([bench.raw, "consume", bench.feeder, "q_feeder.bench.winnowed", str(count)])
            return figures
        tools["dd_winnow" + name[2:]] = dd
    bench.compare(f"winnow {2 * count:,} posts, each twice", "posts/s", 2 * count, tools)
