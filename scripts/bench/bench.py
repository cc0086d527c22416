"""The bench: a switch, a source tree, the tools that stand beside each other, and the table of what they took."""
import filecmp, json, os, shutil, subprocess, tempfile

import measure
from measure import Places, die, run, settle
from switch import Switch

SMALL, FOLDERS = 10_000, 100


class Bench:
    def __init__(self, arguments):
        self.arguments = arguments
        self.programs = {"dd": arguments.programs}
        if arguments.against:
            self.programs["dd before"] = arguments.against
        self.work = tempfile.mkdtemp(prefix="dd_bench.", dir=os.environ.get("TMPDIR", "/var/tmp"))
        self.memory = tempfile.mkdtemp(prefix="dd_bench.", dir="/dev/shm")
        self.disk_places, self.memory_places = Places(self.work), Places(self.memory)
        self.rows, self.switch = [], None
        self.source = self.memory + "/source"
        for folder in range(FOLDERS):
            os.makedirs(f"{self.source}/small/{folder}")
            for file in range(SMALL // FOLDERS):
                with open(f"{self.source}/small/{folder}/{file}", "wb") as handle:
                    handle.write(os.urandom(1024))
        os.mkdir(self.source + "/later")
        self.raw = self.compiled()
        self.switch = Switch(self.work + "/switch", self.source, arguments.programs)
        self.env = self.switch.env
        self.feeder, self.url = self.env["DD_BROKER_FEEDER"], self.env["DD_SOURCE_URL"]

    def close(self):
        if self.switch:
            self.switch.stop()
        shutil.rmtree(self.work)
        shutil.rmtree(self.memory)

    def compiled(self):
        path = self.work + "/raw"
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "librabbitmq", "libcurl"], stdout=subprocess.PIPE, text=True).stdout.split()
        words = ["cc", "-O2", "-Wall", "-o", path, os.path.join(os.path.dirname(os.path.abspath(__file__)), "raw.c")] + flags
        if subprocess.run(words).returncode:
            die("cannot compile raw.c")
        return path

    # Configurations

    def configure(self, program, name, *lines):
        """Writes a configuration; returns its path."""
        path = f"{self.work}/{name}.conf"
        with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            file.write("".join(line + "\n" for line in lines))
        return path

    def subscriber(self, name, directory, *lines, exchange="xpublic", user="feeder", log_back="off"):
        # The switch's own account posts to the public exchange: nothing else stands between posting and fetching.
        account = self.env["DD_BROKER_" + user.upper()]
        return self.configure("dd_subscribe", name, f"broker {account}", f"exchange {exchange}", "subtopic #", "mirror on",
                              f"log_back {log_back}", f"queue q_{user}.bench.{name}", f"directory {directory}", *lines)

    def post(self, path, *options, programs=None, url=None):
        words = [(programs or self.arguments.programs) + "/dd_post", "-b", self.feeder, "-ex", "xpublic", "-u", url or self.url]
        return run(words + ["-dr", self.source, *options, path])

    def prepare(self, config):
        """Makes the queue of a configuration anew, so that what is posted from now on waits in it, and nothing that was posted for others:
        it would be fetched here, and the run that is measured would find every file."""
        self.clean(config)
        run([self.arguments.programs + "/dd_subscribe", config, "--exit_idle", "1"], stderr=subprocess.DEVNULL)

    def clean(self, config):
        run([self.arguments.programs + "/dd_subscribe", config, "cleanup"], stderr=subprocess.DEVNULL)

    def check_received(self, folder):
        for each in (0, FOLDERS // 2, FOLDERS - 1):
            compared = filecmp.dircmp(f"{self.source}/small/{each}", f"{folder}/small/{each}")
            if compared.left_only or compared.diff_files:
                die(f"what was received in {folder} is not what was posted")

    def check_fresh(self, folder):
        if os.listdir(folder):
            die(f"{folder} is not empty before the run")

    # Comparing

    def compare(self, work, unit, amount, tools, runs=None, counted=None):
        """Runs the tools in turn; a tool returns Figures. `counted` maps a tool's name to a function that returns the system calls of one
        more run. Prints a row for each tool as soon as all have run."""
        settle()
        measured = {name: [] for name in tools}
        for _ in range(runs or self.arguments.runs):
            for name, tool in tools.items():
                measured[name].append(tool())
        first = [figures.seconds for figures in next(iter(measured.values()))]
        for name, figures in measured.items():
            calls = counted[name]() if counted and name in counted and self.arguments.system_calls else None
            seconds = [each.seconds for each in figures]
            # Pair by pair: the machine's speed drifts between the first run and the last.
            ratios = [other / mine for mine, other in zip(first, seconds)]
            self.rows.append({
                "work": work, "tool": name, "unit": unit, "amount": amount, "ratio": measure.spread(ratios),
                "runs": [measure.record(each) for each in figures], "system_calls": calls,
            })
            self.show(self.rows[-1])

    def latency(self, work, tool, milliseconds):
        ordered = sorted(milliseconds)
        row = {"work": work, "tool": tool, "milliseconds": {
            "median": ordered[len(ordered) // 2], "p99": ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)],
            "longest": ordered[-1], "count": len(ordered)}}
        self.rows.append(row)
        self.show(row)

    def show(self, row):
        from page import cells
        print("| " + " | ".join(cells(row)) + " |", flush=True)

    def write(self, path):
        with open(path, "w") as file:
            json.dump({"machine": measure.machine(), "rows": self.rows}, file, indent=1)
