"""Classic map and reduce by Disco's worker protocol 1.1, with nothing but the standard library.

A message is NAME, a space, the bytes of the payload, a space, the payload (JSON), a line feed. It goes out on standard
error, its answer comes in on standard input. What is printed is text for the log of the task.

Records of map tasks are lines of JSON, [key, value], in one file a partition. Results are lines: the key, a tab, the value.
"""
import itertools
import json
import os
import shutil
import struct
import sys
import tempfile
import traceback
import urllib.request
import zlib


class InputLost(Exception):
    """No replica of an input can be read."""


def run(map, reduce):
    """Runs one task.

    map(line) gives pairs for a line of an input; reduce(key, values) gives pairs for a key and all of its values.
    """
    ask("WORKER", {"version": "1.1", "pid": os.getpid()})
    task = ask("TASK", "")
    try:
        if task["stage"] == "map":
            run_map(task, map)
        elif task["stage"].endswith("_shuffle"):
            run_shuffle(task)
        else:
            run_reduce(task, reduce)
    except (InputLost, OSError, MemoryError) as error:
        # Worth another try.
        ask("ERROR", str(error) or type(error).__name__)
    except Exception:
        ask("FATAL", traceback.format_exc())
    ask("DONE", "")


def run_map(task, map):
    outputs = Outputs()
    partitions = max(1, job_of(task)["nr_reduces"])
    for _, data in inputs_of(task):
        for line in data:
            for key, value in map(line.decode("utf-8", "replace").rstrip("\n")):
                record = json.dumps([key, value]).encode()
                outputs.write(zlib.crc32(json.dumps(key).encode()) % partitions, record + b"\n")
    outputs.close()


def run_shuffle(task):
    """Joins what the tasks of this node made: one file a partition."""
    outputs = Outputs()
    for label, data in inputs_of(task):
        for line in data:
            outputs.write(label, line)
    outputs.close()


def run_reduce(task, reduce):
    """Sorts in memory: what does not fit needs more partitions."""
    records = [json.loads(line) for _, data in inputs_of(task) for line in data]
    records.sort(key=lambda record: json.dumps(record[0]))
    outputs = Outputs()
    for _, same in itertools.groupby(records, lambda record: json.dumps(record[0])):
        key, value = next(same)
        values = itertools.chain([value], (one for _, one in same))
        for pair in reduce(key, values):
            outputs.write(task["group"][0], ("%s\t%s\n" % pair).encode())
    outputs.close()


class Outputs:
    """A file a label, told when they are safe."""

    def __init__(self):
        self.files = {}

    def write(self, label, data):
        if label not in self.files:
            self.files[label] = open("output-%d" % label, "wb")
        self.files[label].write(data)

    def close(self):
        for label, file in sorted(self.files.items()):
            file.flush()
            os.fsync(file.fileno())
            ask("OUTPUT", [label, file.name, file.tell()])
            file.close()


def inputs_of(task):
    """The inputs of a task, each with its label; indexes are opened."""
    seen = []
    while True:
        flag, inputs = ask("INPUT", ["exclude", seen])
        for number, _, label, replicas in inputs:
            seen.append(number)
            for found, urls in files_of(task, number, label, replicas):
                yield found, opened(task, number, urls)
        if flag == "done":
            return


def files_of(task, number, label, replicas):
    if not any(url.startswith("dir://") for _, url in replicas):
        return [(label, replicas)]
    # Lines of LABEL URL BYTES; those of one partition, unless all are wanted.
    lines = [line.decode().split() for line in opened(task, number, replicas)]
    wanted = [(int(of), url) for of, url, _ in lines if label == "all" or int(of) == label]
    return [(of, [[0, url]]) for of, url in wanted]


def opened(task, number, replicas):
    """The bytes of an input, from the first replica that gives them all."""
    while replicas:
        replica, url = replicas[0]
        try:
            return fetched(task, url)
        except OSError as error:
            print("input %d cannot be read: %s" % (number, error), flush=True)
            answer = ask("INPUT_ERR", [number, [replica]])
            replicas = answer if isinstance(answer, list) else []
    raise InputLost("input %d cannot be read" % number)


def fetched(task, url):
    """Whole, in a temporary file: half an input would be counted twice when the next replica is read."""
    scheme, _, rest = url.partition("://")
    file = tempfile.TemporaryFile()
    if scheme == "raw":
        file.write(rest.encode())
    else:
        if scheme in ("dir", "disco"):
            url = task["master"].partition("://")[0] + "://" + rest
        with urllib.request.urlopen(url, timeout=60) as response:
            shutil.copyfileobj(response, file)
    file.seek(0)
    return file


def job_of(task):
    """What was submitted, from the job pack: its header says where the description begins and ends."""
    with open(task["jobfile"], "rb") as pack:
        begin, end = struct.unpack(">II", pack.read(12)[4:])
        pack.seek(begin)
        return json.loads(pack.read(end - begin))


def ask(name, payload):
    body = json.dumps(payload).encode()
    sys.stderr.buffer.write(b"%s %d %s\n" % (name.encode(), len(body), body))
    sys.stderr.buffer.flush()
    # After an end (DONE, ERROR, FATAL) nothing comes but the end of the input.
    head = word()
    if not head:
        sys.exit()
    answer = json.loads(sys.stdin.buffer.read(int(word())))
    sys.stdin.buffer.read(1)
    return answer


def word():
    return b"".join(iter(lambda: sys.stdin.buffer.read(1).strip(), b""))
