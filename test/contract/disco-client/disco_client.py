"""A client of Disco and DDFS that asks as Disco's Python library did, with nothing but the standard library.

It knows DISCO_MASTER, and DISCO_PORT for hosts in disco:// and dir:// addresses. A request is a connection of its own, without
Content-Type; bodies have a length; bytes are fetched in ranges of 10 MiB; 503 and refused connections are tried again.
"""
import base64
import http.client
import io
import json
import os
import pickle
import random
import re
import struct
import time
import urllib.parse
import zipfile
import zlib

MASTER = os.environ["DISCO_MASTER"]
PORT = int(os.environ.get("DISCO_PORT", "8989"))
RANGE_BYTES = 10 * 1024 * 1024


class CommError(Exception):
    def __init__(self, code, text):
        super().__init__("%d: %s" % (code, text))
        self.code = code
        self.text = text


def request(method, url, body=None, token=None, headers=None):
    """Status, headers and bytes of an answer, whatever it says."""
    scheme, rest = url.split("://", 1)
    if scheme != "http":
        host, _, path = rest.partition("/")
        rest = "%s:%d/%s" % (host.partition(":")[0], PORT, path)
    address, _, path = rest.partition("/")
    sent = dict(headers or {})
    if token is not None:
        sent["Authorization"] = "Basic " + base64.b64encode(b"token:" + token.encode()).decode()
    if body is not None:
        sent["Content-Length"] = str(len(body))
    for attempt in range(6):
        connection = http.client.HTTPConnection(address, timeout=60)
        try:
            # Paths go out raw: `$` and `@` are not encoded.
            connection.putrequest(method, "/" + path, skip_accept_encoding=True)
            for name, value in sent.items():
                connection.putheader(name, value)
            connection.endheaders()
            if body is not None:
                connection.send(body)
            answer = connection.getresponse()
            data = answer.read()
        except OSError:
            if attempt == 5:
                raise
        else:
            if answer.status != 503 or attempt == 5:
                return answer.status, answer.headers, data
        finally:
            connection.close()
        time.sleep(random.random() * 2**attempt / 4)


def ask(method, url, body=None, token=None, headers=None):
    status, _, data = request(method, url, body, token, headers)
    if not 200 <= status < 300:
        raise CommError(status, data.decode("utf-8", "replace"))
    return data


def download(url, token=None):
    parts, size = [], 0
    while True:
        wanted = {"Range": "bytes=%d-%d" % (size, size + RANGE_BYTES - 1)}
        status, headers, data = request("GET", url, token=token, headers=wanted)
        if status == 200:
            return data
        if status != 206:
            raise CommError(status, data.decode("utf-8", "replace"))
        parts.append(data)
        size += len(data)
        if size >= int(headers["Content-Range"].rpartition("/")[2]):
            return b"".join(parts)


def download_any(replicas, token=None):
    """From the first copy that can be read."""
    for url in replicas:
        try:
            return download(url, token)
        except (CommError, OSError) as error:
            last = error
    raise last


def blob_name(url):
    return url.rpartition("/")[2].partition("$")[0]


class DDFS:
    def url(self, path):
        return MASTER + "/ddfs/" + path

    def json(self, method, path, value=None, token=None):
        body = None if value is None else json.dumps(value).encode()
        return json.loads(ask(method, self.url(path), body, token))

    def push_blob(self, name, data, replicas=None):
        """One replica set. Nodes that refuse the bytes are left out at the next attempt."""
        excluded = []
        while True:
            query = [("exclude", ",".join(excluded))] if excluded else []
            query += [("replicas", str(replicas))] if replicas else []
            targets = json.loads(ask("GET", self.url("new_blob/%s?%s" % (name, urllib.parse.urlencode(query)))))
            urls = []
            for target in targets:
                try:
                    urls.append(json.loads(ask("PUT", target, data)))
                except CommError:
                    excluded.append(urllib.parse.urlsplit(target).hostname)
                    break
            else:
                return urls

    def push(self, tag, blobs, replicas=None, token=None):
        sets = [self.push_blob(name, data, replicas) for name, data in blobs]
        return self.tag(tag, sets, token=token), sets

    def tag(self, tag, sets, delayed="", update="", token=None):
        return self.json("POST", "tag/%s?delayed=%s&update=%s" % (tag, delayed, update), sets, token)

    def put(self, tag, sets, token=None):
        return self.json("PUT", "tag/" + tag, sets, token)

    def get(self, tag, token=None):
        return json.loads(download(self.url("tag/" + tag), token))

    def urls(self, tag, token=None):
        return self.get(tag, token)["urls"]

    def exists(self, tag, token=None):
        try:
            download(self.url("tag/" + tag), token)
        except CommError as error:
            if error.code == 401:
                return True
            if error.code in (403, 404):
                return False
            raise
        return True

    def list(self, prefix=""):
        return self.json("GET", "tags/" + prefix)

    def delete(self, tag, token=None):
        return self.json("DELETE", "tag/" + tag, token=token)

    def getattr(self, tag, name, token=None):
        return self.json("GET", "tag/%s/%s" % (tag, name), token=token)

    def setattr(self, tag, name, value, token=None):
        return self.json("PUT", "tag/%s/%s" % (tag, name), value, token)

    def delattr(self, tag, name, token=None):
        return self.json("DELETE", "tag/%s/%s" % (tag, name), token=token)

    def blobs(self, tag, token=None, seen=None):
        """Replica sets of a tag and of those that it links to, each tag once."""
        seen = set() if seen is None else seen
        if tag in seen:
            return
        seen.add(tag)
        for replicas in self.urls(tag, token):
            if replicas[0].startswith("tag://"):
                yield from self.blobs(replicas[0][len("tag://") :], token, seen)
            else:
                yield replicas

    def pull(self, tag, token=None):
        for replicas in self.blobs(tag, token):
            yield blob_name(replicas[0]), download_any(replicas)


class Disco:
    def url(self, path):
        return MASTER + "/disco/" + path

    def get(self, path):
        return json.loads(ask("GET", self.url(path)))

    def post(self, path, value):
        return json.loads(ask("POST", self.url(path), json.dumps(value).encode()))

    def submit(self, pack):
        status, told = json.loads(ask("POST", self.url("job/new"), pack))
        if status != "ok":
            raise ValueError(told)
        return told

    def results(self, job, timeout_ms=2000):
        return self.post("ctrl/get_results", [timeout_ms, [job]])[0][1]

    def wait(self, job):
        while True:
            status, results = self.results(job)
            if status == "ready":
                return results
            if status != "active":
                raise ValueError("job %s is %s:\n%s" % (job, status, self.events_text(job)))

    def events_text(self, job, offset=0):
        headers = {"Range": "bytes=%d-" % offset} if offset else {}
        return ask("GET", self.url("ctrl/rawevents?name=" + job), headers=headers).decode()

    def events(self, job, offset=0):
        """Each event with the offset behind it. Behind the last line the offset is one short: an empty range is none."""
        text = self.events_text(job, offset)
        lines = text.split("\n")
        for number, line in enumerate(lines):
            if line == "" and number < len(lines) - 1:
                offset += 1
                continue
            try:
                event = json.loads(line)
            except ValueError:
                return
            offset += len(line.encode()) + 1
            yield offset - (1 if number == len(lines) - 2 else 0), event

    def oob_list(self, job):
        urls = DDFS().urls("disco:job:oob:" + job, oob_token(job))
        return sorted({blob_name(replicas[0]) for replicas in urls})

    def oob_get(self, key, job):
        for replicas in DDFS().urls("disco:job:oob:" + job, oob_token(job)):
            if blob_name(replicas[0]) == key:
                return download_any(replicas)
        return None


def oob_token(job):
    """What Disco's client takes for credentials in `tag://disco:job:oob:NAME@...`: the text before the `@`."""
    return "job"


def job_pack(version, job_dict, home, envs=None, data=b""):
    """Byte by byte: a header of 128 bytes, then the four parts."""
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in home.items():
            # An absolute path, as in the packs of the client: unpacked below the job home.
            archive.writestr(path, content)
    parts = [json.dumps(job_dict).encode(), json.dumps(envs or {}).encode(), zipped.getvalue()]
    offsets, at = [], 128
    for part in parts:
        offsets.append(at)
        at += len(part)
    header = struct.pack(">HHIIII", 0xD5C0, version, *offsets, at)
    return header.ljust(128, b"\0") + b"".join(parts) + data


def stream_records(data):
    """Records of Disco's stream, version 1; an empty hunk is no end, files may follow each other."""
    at = 0
    while at < len(data):
        mark, is_packed, crc, length = struct.unpack_from("<BBIQ", data, at)
        assert mark == 129, mark
        at += 14
        body = data[at : at + length]
        at += length
        body = zlib.decompress(body) if is_packed else body
        assert zlib.crc32(body) == crc
        records = io.BytesIO(body)
        while records.tell() < len(body):
            yield pickle.load(records)


def result_records(results):
    """Of what get_results gives: indexes, tags, replica lists."""
    for result in results:
        replicas = [result] if isinstance(result, str) else result
        if replicas[0].startswith("tag://"):
            for blob in DDFS().blobs(replicas[0][len("tag://") :]):
                yield from stream_records(download_any(blob))
        elif replicas[0].startswith("dir://"):
            for line in download_any(replicas).decode().splitlines():
                _, url, size = re.fullmatch(r"(\d+) (disco://\S+) (\d+)", line).groups()
                data = download(url)
                assert len(data) == int(size)
                yield from stream_records(data)
        else:
            yield from stream_records(download_any(replicas))
