#!/usr/bin/env python3
"""Classic map and reduce as Disco's own worker does them: streams of pickled pairs, the INPUT of each id again at each look,
local files where an address has no port, INPUT_ERR with what failed, and out-of-band values by DDFS.

Standard library only. Counts words; the words that are counted most are told out of band.
"""
import base64
import hashlib
import http.client
import io
import json
import os
import pickle
import struct
import sys
import zlib


def send(name, payload):
    body = json.dumps(payload).encode()
    sys.stderr.buffer.write(b"%s %d %s\n" % (name.encode(), len(body), body))
    sys.stderr.buffer.flush()


def word():
    return b"".join(iter(lambda: sys.stdin.buffer.read(1).strip(), b"")).decode()


def ask(name, payload):
    send(name, payload)
    answer = word()
    value = json.loads(sys.stdin.buffer.read(int(word())))
    sys.stdin.buffer.read(1)
    return answer, value


def fetch(task, url, method="GET", body=None, token=None):
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    if scheme == "raw":
        return rest.encode()
    if scheme == "disco" and host == task["host"]:
        # Of this node: Disco's worker opens the file, and drops the replica when it is not there.
        root, _, rest = path.partition("/")
        with open(os.path.join(task[root + "_data"], rest), "rb") as file:
            return file.read()
    address = host if ":" in host else "%s:%d" % (host, task["disco_port"])
    connection = http.client.HTTPConnection(address, timeout=30)
    headers = {"Authorization": "Basic " + base64.b64encode(b"token:" + token).decode()} if token else {}
    connection.request(method, "/" + path, body, headers)
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    if answer.status >= 300:
        raise OSError("%s: %d" % (url, answer.status))
    return data


def inputs_of():
    """Ids that are there, until the master knows of no more."""
    done, seen = False, []
    while not done:
        _, (flag, inputs) = ask("INPUT", ["exclude", seen])
        done = flag == "done"
        for number, _, _, _ in inputs:
            seen.append(number)
            yield number


def replicas_of(number):
    _, (_, [[_, _, label, replicas]]) = ask("INPUT", ["include", [number]])
    return label, replicas


def opened(task, number):
    label, replicas = replicas_of(number)
    failed = []
    for replica, url in replicas:
        try:
            data = fetch(task, url)
            if not url.startswith("dir://"):
                return [(label, data)]
            lines = [line.split() for line in data.decode().splitlines()]
            return [(int(of), fetch(task, url)) for of, url, _ in lines if label in ("all", int(of))]
        except OSError as error:
            ask("MSG", "replica %d cannot be read: %s" % (replica, error))
            failed.append(replica)
    ask("INPUT_ERR", [number, failed])
    send("ERROR", "input %d cannot be read" % number)
    sys.exit()


def records(data):
    at = 0
    while at < len(data):
        mark, is_packed, crc, length = struct.unpack_from("<BBIQ", data, at)
        assert mark == 129
        body = data[at + 14 : at + 14 + length]
        at += 14 + length
        body = zlib.decompress(body) if is_packed else body
        assert zlib.crc32(body) == crc
        stream = io.BytesIO(body)
        while stream.tell() < len(body):
            yield pickle.load(stream)


def hunk(body):
    stored = zlib.compress(body, 2)
    return struct.pack("<BBIQ", 129, 1, zlib.crc32(body), len(stored)) + stored


class Outputs:
    def __init__(self, task):
        self.task = task
        self.folder = "%02x" % hashlib.md5(str(task["taskid"]).encode()).digest()[0]
        self.bodies = {}

    def add(self, label, key, value):
        self.bodies.setdefault(label, []).append(pickle.dumps((key, value), 1))

    def close(self):
        os.makedirs(self.folder, exist_ok=True)
        for label, pickled in sorted(self.bodies.items()):
            path = "%s/%s:%d-%d" % (self.folder, self.task["stage"], self.task["taskid"], label)
            data = hunk(b"".join(pickled)) + hunk(b"")
            with open(path + ".partial", "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.rename(path + ".partial", path)
            ask("OUTPUT", [label, path, len(data)])


def put_oob(task, key, value):
    master = task["master"]
    [url, *_] = json.loads(fetch(task, "%s/ddfs/new_blob/%s?replicas=1" % (master, key)))
    stored = json.loads(fetch(task, url, "PUT", value))
    tag = "%s/ddfs/tag/disco:job:oob:%s?delayed=1&update=" % (master, task["jobname"])
    fetch(task, tag, "POST", json.dumps([[stored]]).encode(), b"job")


def job_dict(task):
    with open(task["jobfile"], "rb") as pack:
        begin, end = struct.unpack(">II", pack.read(12)[4:])
        pack.seek(begin)
        return json.loads(pack.read(end - begin))


def main():
    ask("WORKER", {"version": "1.1", "pid": os.getpid()})
    _, task = ask("TASK", "")
    partitions = job_dict(task)["nr_reduces"]
    outputs, counts = Outputs(task), {}
    for number in inputs_of():
        for label, data in opened(task, number):
            if task["stage"] == "map":
                for key in data.decode().split():
                    outputs.add(zlib.crc32(key.encode()) % partitions, key, 1)
            elif task["stage"] == "map_shuffle":
                for key, value in records(data):
                    outputs.add(label, key, value)
            else:
                for key, value in records(data):
                    counts[key] = counts.get(key, 0) + value
    for key in sorted(counts):
        outputs.add(task["group"][0], key, counts[key])
    outputs.close()
    if task["stage"] == "reduce" and "OOB" in os.environ:
        put_oob(task, "most-%d" % task["group"][0], max(counts, key=lambda key: (counts[key], key)).encode())
    ask("MSG", "Done: %s of %s" % (task["stage"], task["host"]))
    send("DONE", "")


main()
