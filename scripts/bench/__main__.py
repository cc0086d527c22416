"""Measures the release build beside other tools, from outside, as whole processes.

Jobs: post, one, memory, disk, hops, winnow, large, failing, workers, latency, quiet; all but workers when none is named. Runs of the tools compared take
turns, every run writes into fresh folders, and nothing is deleted before the end. Figures are medians, with the lowest and the highest.
Everything is on this machine, which should be quiet. --json FILE keeps every run; `python3 scripts/bench/page.py FILE` makes tables of it.
"""
import argparse, os, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import large, measure, page, small, times
from bench import Bench

JOBS = {
    "post": small.post, "one": small.one, "memory": small.memory, "disk": small.disk, "hops": small.hops, "winnow": small.winnow, "large": large.large,
    "failing": large.failing, "workers": small.workers, "latency": times.latency, "quiet": times.quiet,
}


def main():
    parser = argparse.ArgumentParser(prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="how often each tool runs (5)")
    parser.add_argument("--quiet", type=int, default=60, metavar="SECONDS", help="how long it is quiet before each file of the job quiet (60)")
    parser.add_argument("--peers", metavar="FOLDER", help="a Python environment that holds metpx-sr3, metpx-sarracenia or both")
    parser.add_argument("--programs", metavar="FOLDER", default=os.environ.get("DD_BIN", measure.ROOT + "/.build/release"))
    parser.add_argument("--against", metavar="FOLDER", help="programs of another build, to run beside ours")
    parser.add_argument("--system_calls", action="store_true", help="count system calls, in one more run under strace")
    parser.add_argument("--json", metavar="FILE", help="where all figures are written")
    parser.add_argument("jobs", nargs="*", metavar="JOB", help=", ".join(JOBS))
    arguments = parser.parse_args()
    unknown = [job for job in arguments.jobs if job not in JOBS]
    if unknown:
        parser.error(f"no such job: {', '.join(unknown)}; there are {', '.join(JOBS)}")
    bench = Bench(arguments)
    try:
        print("| " + " | ".join(page.HEAD) + " |\n|" + "---|" * len(page.HEAD))
        for job in arguments.jobs or [job for job in JOBS if job != "workers"]:
            JOBS[job](bench)
    finally:
        if arguments.json:
            bench.write(arguments.json)
        bench.close()


main()
