"""The field's other tools, when a Python environment with metpx-sr3 and metpx-sarracenia is named; aria2c when it is installed."""
import os, shutil, signal, subprocess, time

from bench import FOLDERS, SMALL
from measure import Figures, run


class Peers:
    def __init__(self, bench):
        self.bench = bench
        self.folder = bench.arguments.peers
        self.home = bench.work + "/home"
        for tool in ("sr3", "sarra"):
            # They change into the folder of their component.
            os.makedirs(f"{self.home}/.config/{tool}/post", exist_ok=True)
            with open(f"{self.home}/.config/{tool}/credentials.conf", "w") as file:
                file.write(bench.feeder + "\n")

    def program(self, name):
        path = f"{self.folder}/bin/{name}"
        return path if self.folder and os.path.exists(path) else None

    def environment(self):
        return os.environ | {"HOME": self.home}

    def posters(self, path, before):
        bench, tools = self.bench, {}
        common = f"post_broker {bench.feeder}\npost_exchange xpublic\n"
        for name, lines in {
            "sr3_post": f"exchangeDeclare False\npost_baseUrl {bench.url}\npost_baseDir {bench.source}\npost_topicPrefix v02.post\npost_format v02\n",
            "sr_post": f"declare_exchange False\npost_base_url {bench.url}\npost_base_dir {bench.source}\npost_topic_prefix v02.post\n",
        }.items():
            if not self.program(name):
                continue
            config = f"{bench.work}/{name}.conf"
            with open(config, "w") as file:
                file.write(common + lines)
            words = [self.program(name), "-c", config, "-p", path]
            tools[name] = lambda words=words: (before(), run(words, env=self.environment(), stderr=subprocess.DEVNULL))[1]
        return tools

    def fetchers(self, places, ended):
        tools = {}
        if shutil.which("aria2c"):
            tools["aria2c -j16"] = lambda: self.aria(places, ended)
        if self.program("sr3"):
            tools["sr3 subscribe"] = lambda: self.sr3(places, ended)
        return tools

    def aria(self, places, ended):
        folder = places.fresh("received")
        path = self.bench.work + "/aria"
        with open(path, "w") as file:
            for d in range(FOLDERS):
                for f in range(SMALL // FOLDERS):
                    file.write(f"{self.bench.url}small/{d}/{f}\n  dir={folder}/small/{d}\n  out={f}\n")
        return ended(folder, run(["aria2c", "-q", "-j16", "--file-allocation=none", "-i", path]))

    def sr3(self, places, ended):
        """It does not end by itself: it is stopped when all files are there."""
        bench, folder = self.bench, places.fresh("received")
        queue = "q_feeder.bench.sr3"
        run([bench.raw, "queue", bench.feeder, queue, "xpublic"])
        bench.post(bench.source + "/small")
        os.makedirs(f"{self.home}/.config/sr3/subscribe", exist_ok=True)
        with open(f"{self.home}/.config/sr3/subscribe/bench.conf", "w") as file:
            file.write(f"broker {bench.feeder}\nexchange xpublic\ntopicPrefix v02.post\nexchangeDeclare False\nqueueDeclare False\nqueueBind False\n"
                       f"queueName {queue}\nsubtopic #\ndirectory {folder}\nmirror True\naccept .*\n")
        words = [self.program("python"), "-m", "sarracenia.instance", "--no", "0", "foreground", "subscribe/bench"]
        started = time.monotonic()
        process = subprocess.Popen(words, env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        last = f"{folder}/small"
        while time.monotonic() - started < 300:
            if os.path.isdir(last) and sum(len(files) for _, _, files in os.walk(last)) >= SMALL:
                break
            time.sleep(0.2)
        seconds = time.monotonic() - started
        process.send_signal(signal.SIGTERM)
        _, _, usage = os.wait4(process.pid, 0)
        figures = Figures(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, usage.ru_nvcsw, usage.ru_nivcsw)
        return ended(folder, figures)
