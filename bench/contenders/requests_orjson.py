"""requests and orjson, a line at a time."""
import sys, time, resource, json
import requests, orjson
url, query = sys.argv[1], sys.argv[2]
start = time.perf_counter()
first = None
rows = added = 0
# As a double, which is what the sum is in JavaScript, too.
size = 0.0
body = {"query": query, "resultFormat": "arrayLines"}
with requests.post(f"{url}/druid/v2/sql", json=body, stream=True, headers={"accept-encoding": "identity"}) as r:
    for line in r.iter_lines(chunk_size=65536):
        if not line:
            continue
        if first is None:
            first = time.perf_counter() - start
        row = orjson.loads(line)
        rows += 1
        added += row[4]
        size += row[5]
usage = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "wall": (time.perf_counter() - start) * 1000, "cpu": (usage.ru_utime + usage.ru_stime) * 1000,
    "rss": usage.ru_maxrss / 1024, "first": (first or 0) * 1000, "stall": None,
    "sums": {"rows": rows, "added": added, "bytes": size}}))
