"""Word count as one writes it in Python: a process a core, a counter a file, counters added up. FILE... -> lines of count and word."""
import sys
from collections import Counter
from multiprocessing import Pool


def count(path):
    counter = Counter()
    with open(path, "rb") as lines:
        for line in lines:
            counter.update(line[:-1].split(b" "))
    return counter


if __name__ == "__main__":
    total = Counter()
    with Pool(2) as pool:
        for counter in pool.imap_unordered(count, sys.argv[1:]):
            total.update(counter)
    out = sys.stdout.buffer
    for word in sorted(total):
        out.write(b"%d %s\n" % (total[word], word))
