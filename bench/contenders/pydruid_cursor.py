"""pydruid's DB-API cursor."""
import sys, time, resource, json
from urllib.parse import urlparse
from pydruid.db import connect
url, query = sys.argv[1], sys.argv[2]
at = urlparse(url)
start = time.perf_counter()
first = None
rows = added = 0
# As a double, which is what the sum is in JavaScript, too.
size = 0.0
cursor = connect(host=at.hostname, port=at.port, path="/druid/v2/sql/", scheme="http").cursor()
for row in cursor.execute(query):
    if first is None:
        first = time.perf_counter() - start
    rows += 1
    added += row.added
    size += row.bytes
usage = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "wall": (time.perf_counter() - start) * 1000, "cpu": (usage.ru_utime + usage.ru_stime) * 1000,
    "rss": usage.ru_maxrss / 1024, "first": (first or 0) * 1000, "stall": None,
    "sums": {"rows": rows, "added": added, "bytes": size}}))
