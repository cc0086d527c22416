"""docs/performance.md's tables from the JSON that a bench has written: page.py FILE.json"""
import json, statistics, sys

HEAD = ["work", "tool", "median", "lowest to highest", "time", "processor per item", "servers' processor per item", "memory", "switches per item", "calls per item", "dd's speed over it"]


def cells(row):
    """The cells of one row, in the order of HEAD."""
    if "milliseconds" in row:
        ms = row["milliseconds"]
        return [row["work"], row["tool"], f"{ms['median']:.1f} ms", f"p99 {ms['p99']:.1f} ms, longest {ms['longest']:.1f} ms",
                f"{ms['count']} times", "", "", "", "", "", ""]
    amount, runs = row["amount"], row["runs"]
    seconds = sorted(run["seconds"] for run in runs)

    def median(name):
        return statistics.median(run[name] for run in runs)

    rate = [amount / each for each in (statistics.median(seconds), seconds[-1], seconds[0])]
    switches = (median("voluntary") + median("involuntary")) / amount
    calls = f"{row['system_calls'] / amount:.1f}" if row.get("system_calls") else ""
    low, middle, high = row["ratio"]
    return [row["work"], row["tool"], f"{rate[0]:,.0f} {row['unit']}", f"{rate[1]:,.0f} to {rate[2]:,.0f}",
            f"{statistics.median(seconds):.2f} s", f"{median('processor') / amount * 1e6:.0f} µs", f"{median('others') / amount * 1e6:.0f} µs", f"{median('memory'):.0f} MiB",
            f"{switches:.1f}", calls, f"{middle:.2f} ({low:.2f} to {high:.2f})"]


def table(rows):
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    return "\n".join(lines + ["| " + " | ".join(cells(row)) + " |" for row in rows])


def main():
    with open(sys.argv[1]) as file:
        results = json.load(file)
    print("Machine: " + "; ".join(f"{name}: {value}" for name, value in results["machine"].items()) + ".\n")
    print(table(results["rows"]))


if __name__ == "__main__":
    main()
