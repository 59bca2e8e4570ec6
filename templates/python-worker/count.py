#!/usr/bin/env python3
"""How often does each word occur? Classic map and reduce."""
import re

import disco_worker


def map(line):
    for word in re.findall(r"\w+", line.lower()):
        yield word, 1


def reduce(word, counts):
    yield word, sum(counts)


disco_worker.run(map, reduce)
