"""What a user of Disco's Python library did in a day, against the cluster at DISCO_MASTER. Prints each step that went well."""
import json
import os
import sys
import time

from disco_client import (
    CommError,
    DDFS,
    Disco,
    MASTER,
    ask,
    blob_name,
    download,
    job_pack,
    request,
    result_records,
)

ddfs, disco = DDFS(), Disco()
here = os.path.dirname(os.path.abspath(__file__))
text = "the sea the ship the harbour\nthe tide of the sea\n"
counts = {"the": 5, "sea": 2, "ship": 1, "harbour": 1, "tide": 1, "of": 1}
steps = []


def step(work):
    steps.append(work)
    return work


def refused(code, work, *arguments, **named):
    try:
        work(*arguments, **named)
    except CommError as error:
        assert error.code == code, error
        return error.text
    raise AssertionError("it is not refused")


def classic_script():
    with open(os.path.join(here, "classic_worker.py"), "rb") as file:
        return file.read()


def classic(job_input, prefix="count", nr_reduces=2, envs=None, script=None, **more):
    home = {"lib/worker.py": script or classic_script()}
    job = {
        "prefix": prefix,
        "owner": "ann@laptop",
        "worker": "lib/worker.py",
        "map?": True,
        "reduce?": True,
        "nr_reduces": nr_reduces,
        "scheduler": {},
        "input": job_input,
        **more,
    }
    return job_pack(1, job, home, {"LD_LIBRARY_PATH": "lib", **(envs or {})})


@step
def version_and_nodes():
    assert disco.get("version") == "0.5.4"
    nodes = disco.get("ctrl/nodeinfo")
    assert len(nodes) == 3 and all(node["connected"] and node["max_workers"] > 0 for node in nodes.values()), nodes


@step
def push_and_read():
    urls, sets = ddfs.push("data:texts", [("text-%d" % n, line.encode()) for n, line in enumerate(text.splitlines(True))])
    assert urls[0].startswith("disco://") and "/tag/" in urls[0]
    assert ddfs.urls("data:texts") == sets
    assert dict(ddfs.pull("data:texts")) == {"text-0": text.splitlines(True)[0].encode(), "text-1": text.splitlines(True)[1].encode()}
    assert ddfs.get("data:texts")["user-data"] == {}


@step
def replicas():
    replicas = ddfs.push_blob("thrice", b"three copies", 3)
    assert len(set(replicas)) == 3
    assert [download(url) for url in replicas] == [b"three copies"] * 3
    assert refused(403, ddfs.push_blob, "x", b"", 4) == "Not enough nodes for replicas."


@step
def large_blob():
    # More than one range of the client.
    data = os.urandom(1 << 20) * 11 + b"end"
    [url, *_] = ddfs.push_blob("large", data, 1)
    assert download(url) == data
    status, headers, body = request("HEAD", url)
    assert (status, int(headers["Content-Length"]), body) == (200, len(data), b"")
    [empty, *_] = ddfs.push_blob("empty", b"", 1)
    assert download(empty) == b""


@step
def exists_and_list():
    assert ddfs.exists("data:texts") and not ddfs.exists("data:none") and not ddfs.exists("no.name")
    assert ddfs.list("data:") == ["data:texts"]


@step
def attributes():
    ddfs.setattr("data:texts", "language", "english")
    assert ddfs.getattr("data:texts", "language") == "english"
    assert ddfs.get("data:texts")["user-data"] == {"language": "english"}
    assert ddfs.delattr("data:texts", "language") == "deleted"
    assert refused(404, ddfs.getattr, "data:texts", "language") == "Tag attribute not found."


@step
def links_and_updates():
    [first] = [ddfs.push_blob("part", b"1")]
    [second] = [ddfs.push_blob("part", b"2")]
    ddfs.tag("data:links", [["tag://data:texts"], first])
    refused(403, ddfs.tag, "data:links", [["tag://data:links"]])
    # A ring of two is nobody's error; each tag of it counts once.
    ddfs.tag("data:ring", [["tag://data:links"]])
    ddfs.tag("data:links", [["tag://data:ring"]])
    assert sorted(blob_name(replicas[0]) for replicas in ddfs.blobs("data:links")) == ["part", "text-0", "text-1"]
    before = ddfs.get("data:links")["id"]
    ddfs.tag("data:links", [second, ["tag://data:texts"]], update="1")
    assert ddfs.get("data:links")["id"] == before
    ddfs.tag("data:links", [["http://x/1"]], delayed="1")
    assert ddfs.urls("data:links")[0] == ["http://x/1"]
    ddfs.put("data:links", [first])
    assert ddfs.urls("data:links") == [first]


@step
def tokens():
    ddfs.put("data:closed", [], token="secret")
    assert refused(401, ddfs.get, "data:closed") == "Incorrect or missing token."
    assert ddfs.exists("data:closed") and ddfs.get("data:closed", "secret")["urls"] == []
    assert ddfs.getattr("data:closed", "ddfs:write-token", "secret") == "secret"
    ddfs.setattr("data:closed", "ddfs:read-token", "reader", "secret")
    assert ddfs.get("data:closed", "reader")["urls"] == []
    assert refused(401, ddfs.tag, "data:closed", [["http://x"]], token="reader")
    assert ddfs.delete("data:closed", "secret") == "deleted"


@step
def delete_and_make_again():
    ddfs.tag("data:gone", [["http://x"]])
    assert ddfs.delete("data:gone") == "deleted" and ddfs.delete("data:gone") == "deleted"
    assert refused(404, ddfs.get, "data:gone") == "Tag not found."
    ddfs.tag("data:gone", [])
    assert ddfs.urls("data:gone") == []


@step
def classic_job():
    job = disco.submit(classic(list(ddfs.blobs("data:texts")), envs={"OOB": "1"}))
    assert job.startswith("count@")
    results = disco.wait(job)
    assert dict(result_records(results)) == counts, list(result_records(results))
    assert disco.submit and [row for row in disco.get("ctrl/joblist") if row[2] == job][0][1] == "ready"
    info = disco.get("ctrl/jobinfo?name=" + job)
    assert info["active"] == "ready" and info["owner"] == "ann@laptop" and info["hosts"] == []
    assert [row[0] for row in info["pipeline"]] == ["map", "map_shuffle", "reduce"]
    assert sorted(info["results"]) == sorted(url for replicas in results for url in replicas)
    assert len(info["inputs"]) == sum(map(len, ddfs.blobs("data:texts")))
    # Out-of-band values are blobs of a tag; it is made with the token that the client believes to see in its address.
    assert disco.oob_list(job) == ["most-0", "most-1"]
    assert b"the" in {disco.oob_get(key, job) for key in disco.oob_list(job)}
    assert disco.oob_get("none", job) is None
    remember["job"], remember["results"] = job, results


remember = {}


@step
def events():
    job = remember["job"]
    told = list(disco.events(job))
    assert all(len(event) == 3 for _, event in told) and len(told) > 5
    offset = told[len(told) // 2][0]
    rest = [event for _, event in disco.events(job, offset)]
    assert rest == [event for _, event in told[len(told) // 2 + 1 :]]
    # At the end nothing new is nothing, and not all of it again.
    assert list(disco.events(job, told[-1][0])) == []
    [newest] = json.loads(ask("GET", disco.url("ctrl/jobevents?name=%s&num=1" % job)))
    assert newest == told[-1][1]
    assert any("Done: map of" in event[2] for _, event in told)


@step
def stage_results():
    job = remember["job"]
    path = "ctrl/get_stageresults?name=%s&stage=%s"
    assert disco.get(path % (job, "reduce")) == remember["results"]
    refused(404, disco.get, path % (job, "none"))
    # What lies between is there until the job is purged.
    between = disco.get(path % (job, "map"))
    assert sorted(result_records(between)) == sorted((key, 1) for key in text.split())
    script = classic_script().replace(b"for number in inputs_of", b"task['stage'] == 'map' or __import__('time').sleep(57.3)\n    for number in inputs_of")
    running = disco.submit(classic(list(ddfs.blobs("data:texts")), "slow", script=script))
    deadline = time.time() + 20
    while time.time() < deadline:
        try:
            urls = disco.get(path % (running, "map"))
            break
        except CommError as error:
            assert error.code == 404, error
            time.sleep(0.1)
    assert sorted(result_records(urls)) == sorted((key, 1) for key in text.split())
    disco.post("ctrl/kill_job", running)
    pack = ask("GET", disco.url("ctrl/parameters?name=" + job))
    assert pack[:4] == b"\xd5\xc0\x00\x01"


@step
def chained_job():
    # Its results are the inputs of a job that only reduces.
    pack = classic(remember["results"], "again", 1, **{"map?": False})
    job = disco.submit(pack)
    assert dict(result_records(disco.wait(job))) == counts


@step
def saved_results():
    job = disco.submit(classic(list(ddfs.blobs("data:texts")), "saved", save_results=True))
    [tag] = disco.wait(job)
    assert tag == "tag://disco:results:" + job
    assert dict(result_records([tag])) == counts
    disco.post("ctrl/purge_job", job)
    assert disco.results(job, 0) == ["unknown job", []]
    assert dict(result_records([tag])) == counts


@step
def kill_clean_and_purge():
    sleeper = {"w.sh": "#!/bin/sh\nexec sleep 61.4\n"}
    job = {"prefix": "sleep", "owner": "u@h", "worker": "w.sh", "scheduler": {}}
    pack = job_pack(2, {**job, "pipeline": [["map", "split", False]], "inputs": [[0, 0, ["raw://x"]]]}, sleeper)
    sleeping = disco.submit(pack)
    assert disco.results(sleeping, 50) == ["active", []]
    assert disco.post("ctrl/kill_job", sleeping) == ""
    assert disco.results(sleeping, 20000) == ["dead", []]
    assert disco.post("ctrl/clean_job", sleeping) == ""
    assert disco.results(sleeping, 0) == ["unknown job", []]
    assert disco.post("ctrl/purge_job", remember["job"]) == "" and disco.post("ctrl/purge_job", "none@1:2:3") == ""
    assert refused(404, disco.get, "ctrl/jobinfo?name=" + remember["job"]) is not None


@step
def bad_packs():
    for pack in [b"", b"rubbish", classic([["raw://x"]])[:150], classic([["raw://x"]], "a/b"), classic(5)]:
        try:
            disco.submit(pack)
        except ValueError as error:
            assert str(error).startswith("Job failed to start: "), error
        else:
            raise AssertionError("it is taken")


@step
def node_table_blacklists_and_settings():
    table = disco.get("ctrl/load_config_table")
    assert disco.post("ctrl/save_config_table", table) == "table saved!"
    host = sorted(disco.get("ctrl/nodeinfo"))[0]
    assert disco.post("ctrl/blacklist", host) == "" and disco.get("ctrl/get_blacklist") == [host]
    assert disco.get("ctrl/nodeinfo")[host]["blacklisted"] is True
    assert disco.post("ctrl/whitelist", host) == "" and disco.get("ctrl/get_blacklist") == []
    assert disco.post("ctrl/gc_blacklist", host) == "" and disco.get("ctrl/get_gc_blacklist") == [host]
    assert disco.post("ctrl/gc_whitelist", host) == "" and disco.get("ctrl/get_gc_blacklist") == []
    settings = disco.get("ctrl/get_settings")
    changed = {name: str(value) for name, value in {**settings, "max_failure_rate": 7}.items()}
    assert disco.post("ctrl/save_settings", changed) == "Settings saved"
    assert disco.get("ctrl/get_settings") == {**settings, "max_failure_rate": 7}


@step
def garbage_collection():
    assert ddfs.json("GET", "ctrl/gc_start") in ("GC has started", "GC is waiting")
    assert isinstance(ddfs.json("GET", "ctrl/gc_status"), str)
    assert ddfs.json("GET", "ctrl/safe_gc_blacklist") == []
    host = sorted(disco.get("ctrl/nodeinfo"))[0]
    assert "data:texts" in ddfs.json("POST", "ctrl/hosted_tags", host) or len(ddfs.urls("data:texts")[0]) < 3
    assert dict(ddfs.pull("data:texts"))


@step
def through_the_proxy():
    [url, *_] = next(iter(ddfs.blobs("data:texts")))
    host = sorted(disco.get("ctrl/nodeinfo"))[0]
    path = url.partition("://")[2].partition("/")[2]
    assert ask("GET", "%s/proxy/%s/GET/%s" % (MASTER, host, path)) == download(url)
    assert json.loads(ask("GET", MASTER + "/proxy/x/GET/disco/version")) == "0.5.4"


for work in steps:
    try:
        work()
    except Exception:
        print("step %s failed" % work.__name__, file=sys.stderr)
        raise
    print(work.__name__, flush=True)
