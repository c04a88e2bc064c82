namespace Benchmarks.Clients;

/// <summary>
/// The figures that a client process reports about its callers' requests. The last two are the process's totals, divided by the requests.
/// </summary>
internal sealed record ContestantFigures(double MessagesPerSecond, double P50, double P99, double AllocatedBytes, double CpuMicroseconds);
