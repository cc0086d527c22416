"""One large file, in blocks and whole; and what a fetch costs beside failing servers."""
import os, signal, subprocess, time

from bench import SMALL
from measure import Figures, die, run, then_sync
from switch import FailingServers

SIZE = 2 << 30


def large(bench):
    path = bench.source + "/large"
    with open(path, "wb") as file:
        block = os.urandom(1 << 20)
        for number in range(SIZE >> 20):
            file.write(number.to_bytes(8, "big") + block[8:])
    try:
        for where, places, durable in (("memory", bench.memory_places, False), ("disk, all of it safe", bench.disk_places, True)):
            fetched(bench, where, places, durable)
        digest = {"openssl md5, reading only": lambda: run(["openssl", "md5", path])}
        bench.compare("sum of 2 GiB", "MiB/s", SIZE >> 20, digest)
    finally:
        os.remove(path)


def fetched(bench, where, places, durable):
    def gone(folder):
        # A single large file: deleting it leaves no crowd of inodes behind, and memory has no room for all runs.
        for name in os.listdir(folder):
            os.remove(f"{folder}/{name}")

    def dd(programs, options, count):
        folder = places.fresh("received")
        config = bench.subscriber("large", folder)
        bench.prepare(config)
        bench.post(bench.source + "/large", *options)
        figures = run([programs + "/dd_subscribe", config, "--exit_after", str(count), "--log_level", "warning"])
        gone(folder)
        return figures

    def curl():
        folder = places.fresh("received")
        figures = run(["curl", "-sS", "-o", folder + "/large", bench.url + "large"])
        figures = then_sync(figures, folder) if durable else figures
        gone(folder)
        return figures

    tools = {}
    for name, programs in bench.programs.items():
        # In blocks of 64 MiB, as large files are by themselves.
        tools["dd_subscribe" + name[2:]] = lambda programs=programs: dd(programs, [], SIZE >> 26)
        tools["dd_subscribe, sums by XXH128" + name[2:]] = lambda programs=programs: dd(programs, ["--sum", "xxh128"], SIZE >> 26)
        tools["dd_subscribe, one whole file" + name[2:]] = lambda programs=programs: dd(programs, ["-p", "1"], 1)
    tools["curl -o"] = curl
    bench.compare(f"fetch 2 GiB to {where}", "MiB/s", SIZE >> 20, tools)


def failing(bench):
    servers = FailingServers(bench.work + "/servers", bench.source)

    def drain(count):
        # Every folder of 100 is followed by `count` posts that will fail, each in another way.
        folder = bench.memory_places.fresh("received")
        config = bench.subscriber("failing", folder, "retry_waits 5s,1m", user="bob", log_back="on")
        urls = servers.urls()
        bench.prepare(config)
        for each in range(100):
            bench.post(f"{bench.source}/small/{each}", "-r", url=servers.url + "good/")
            for number in range(count):
                bench.post(f"{bench.source}/small/{each}/{number}", "-r", url=urls[(each * count + number) % len(urls)])
        before, begin = servers.served(), time.monotonic()
        process = subprocess.Popen([bench.arguments.programs + "/dd_subscribe", config, "--log_level", "error"], stderr=subprocess.DEVNULL)
        while servers.served() < before + SMALL:
            if time.monotonic() - begin > 300:
                die("what is healthy has not arrived")
            time.sleep(0.02)
        seconds = time.monotonic() - begin
        process.send_signal(signal.SIGTERM)
        _, _, usage = os.wait4(process.pid, 0)
        # What waits for another try is not the next run's.
        bench.clean(config)
        return Figures(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, usage.ru_nvcsw, usage.ru_nivcsw)

    try:
        bench.compare(f"fetch {SMALL:,} of 1 KiB to memory", "files/s", SMALL,
                      {"alone": lambda: drain(0), "beside 1 % that fails": lambda: drain(1), "beside 5 % that fails": lambda: drain(5)})
    finally:
        servers.stop()
