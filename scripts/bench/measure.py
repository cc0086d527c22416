"""How a run is measured, and on what machine."""
import os, platform, re, shutil, statistics, subprocess, sys, time
from dataclasses import dataclass, asdict

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


@dataclass
class Figures:
    """What one run took: seconds on the clock, processor seconds of it and its children, the most memory that one process held in
    MiB (never less than the 17 MiB or so of this interpreter, which the kernel counts from before the program was loaded), and how often
    its threads gave the processor away (voluntary) or had it taken (involuntary). `others`: processor seconds of everything else on the machine
meanwhile, which on a quiet one are the broker's and the data server's."""
    seconds: float = 0
    processor: float = 0
    memory: float = 0
    voluntary: int = 0
    involuntary: int = 0
    others: float = 0


def busy():
    """Seconds for which the machine's processors have worked since it was started (proc(5), /proc/stat): all but idle and iowait."""
    with open("/proc/stat") as file:
        user, nice, system, _, _, irq, softirq, steal = map(int, file.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def die(why):
    sys.exit("bench: " + why)


def begin(words, **options):
    options.setdefault("stdout", subprocess.DEVNULL)
    return subprocess.Popen(words, **options)


def finish(process, started, what):
    """Waits for a process; returns its figures since `started`."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        die(f"{what} ended with status {process.returncode}")
    return Figures(time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, usage.ru_nvcsw, usage.ru_nivcsw)


def run(words, **options):
    started, before = time.monotonic(), busy()
    figures = finish(begin(words, **options), started, " ".join(words[:2]))
    figures.others = max(0, busy() - before - figures.processor)
    return figures


def together(*commands):
    """Runs commands at the same time; seconds until the last has ended, processor and switches added up, memory of the largest."""
    started, before = time.monotonic(), busy()
    processes = [(begin(words), words) for words in commands]
    all_of_them = [finish(process, started, words[0]) for process, words in processes]
    figures = joined(all_of_them, max(figures.seconds for figures in all_of_them))
    figures.others = max(0, busy() - before - figures.processor)
    return figures


def joined(parts, seconds):
    return Figures(seconds, sum(p.processor for p in parts), max(p.memory for p in parts), sum(p.voluntary for p in parts),
                   sum(p.involuntary for p in parts), sum(p.others for p in parts))


def then_sync(figures, folder):
    """What it takes until the disk has all of it belongs to a run that does not wait for the disk by itself."""
    flushed = run(["sync", "-f", folder])
    return joined([figures, flushed], figures.seconds + flushed.seconds)


def system_calls(words):
    """How many system calls a command makes, over all its threads; None without strace. Its time under strace says nothing."""
    if not shutil.which("strace"):
        return None
    table = subprocess.run(["strace", "-f", "-c", "-o", "/dev/stdout"] + words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    last = re.findall(r"^\s*100\.00\s+[\d.]+\s+\d*\s*(\d+)\s.*total$", table.stdout, re.M)
    return int(last[-1]) if last else None


class Places:
    """Fresh folders below one. Nothing is deleted before the end: ext4 does not hand out an inode that was deleted within the last
    minute, and each file made after a deletion walks past all of them (docs/performance.md)."""

    def __init__(self, root):
        self.root, self.number = root, 0

    def fresh(self, name):
        self.number += 1
        folder = f"{self.root}/{name}.{self.number}"
        os.makedirs(folder)
        return folder


def settle():
    """What earlier work has left to be written must not be charged to the next run."""
    os.sync()
    time.sleep(1)


def machine():
    def first(words, pattern=r"(.*)"):
        try:
            text = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout
        except FileNotFoundError:
            return "not installed"
        found = re.search(pattern, text)
        return found.group(1).strip() if found else text.strip().split("\n")[0]

    memory = int(re.search(r"MemTotal:\s+(\d+)", open("/proc/meminfo").read()).group(1)) >> 20
    model = re.search(r"model name\s*:\s*(.*)", open("/proc/cpuinfo").read())
    system = re.search(r'PRETTY_NAME="(.*)"', open("/etc/os-release").read())
    return {
        "date": time.strftime("%Y-%m-%d"),
        "commit": first(["git", "-C", ROOT, "describe", "--always", "--dirty"]),
        "processor": f"{os.cpu_count()} × {model.group(1) if model else platform.machine()}",
        "memory": f"{memory} GiB",
        "system": f"{system.group(1) if system else 'unknown'}, Linux {platform.release()}",
        "file system of the disk": first(["stat", "-f", "-c", "%T", os.environ.get("TMPDIR", "/var/tmp")]),
        "RabbitMQ": first(["dpkg-query", "-W", "-f", "${Version}", "rabbitmq-server"]),
        "nginx": first(["/usr/sbin/nginx", "-v"], r"nginx/(\S+)"),
        "curl": first(["curl", "--version"], r"curl (\S+)"),
    }


def spread(values):
    return min(values), statistics.median(values), max(values)


def record(figures):
    return asdict(figures)
