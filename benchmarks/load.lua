-- The script for wrk: it sends the bodies in a file, one per line, in turn, and prints its results as JSON.
wrk.method = os.getenv("METHOD")
wrk.headers["Content-Type"] = "application/json"
local requests, turn = {}, 0
init = function()
  for body in io.lines(os.getenv("BODIES")) do
    requests[#requests + 1] = wrk.format(nil, nil, nil, body)
  end
end
request = function()
  turn = turn % #requests + 1
  return requests[turn]
end
done = function(summary, latency)
  io.write("\n" .. string.format(
    '{"requests": %d, "microseconds": %d, "p50": %f, "p99": %f, "failures": %d}',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout) .. "\n")
end
