-- What wrk runs: it sends one body again and again, and says at the end what it saw, as JSON.
wrk.method = os.getenv("METHOD")
wrk.body = os.getenv("BODY")
wrk.headers["Content-Type"] = "application/json"
done = function(summary, latency, requests)
  io.write("\n" .. string.format(
    '{"requests": %d, "microseconds": %d, "p50": %f, "p99": %f, "failures": %d}',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout) .. "\n")
end
