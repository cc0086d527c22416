"""Latency from file to file, and the memory of a program that waits."""
import os, signal, subprocess, time

from measure import die


def delays(bench, name, count, pause):
    """Milliseconds from a path handed to dd_post to the file under its name at the subscriber's."""
    folder = bench.memory_places.fresh("latency")
    config = bench.subscriber(name, folder)
    bench.prepare(config)
    reader = subprocess.Popen([bench.arguments.programs + "/dd_subscribe", config, "--log_level", "warning"])
    words = [bench.arguments.programs + "/dd_post", "-b", bench.feeder, "-ex", "xpublic", "-u", bench.url, "-dr", bench.source, "-"]
    writer = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    found = []
    try:
        time.sleep(2)
        for number in range(count):
            path = f"later/{name} {number}"
            with open(f"{bench.source}/{path}", "wb") as file:
                file.write(os.urandom(1024))
            time.sleep(pause)
            begin = time.monotonic()
            writer.stdin.write(f"{bench.source}/{path}\n".encode())
            writer.stdin.flush()
            while not os.path.exists(f"{folder}/{path}"):
                if time.monotonic() - begin > 30:
                    die(f"{path} has not arrived")
                time.sleep(0.0002)
            found.append((time.monotonic() - begin) * 1000)
        held = peak(reader.pid)
    finally:
        writer.stdin.close()
        writer.wait()
        reader.send_signal(signal.SIGTERM)
        reader.wait()
    return found, held


def peak(pid):
    """The most memory that a running process has held, in MiB."""
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0


def latency(bench):
    found, _ = delays(bench, "steady", 400, 0.05)
    bench.latency("file to file, 20/s", "dd_post - to dd_subscribe", found)


def quiet(bench):
    seconds = bench.arguments.quiet
    found, held = delays(bench, "quiet", 5, seconds)
    bench.latency(f"file to file after {seconds} s of quiet", "dd_post - to dd_subscribe", found)
    print(f"(dd_subscribe held {held:.1f} MiB at most)")
