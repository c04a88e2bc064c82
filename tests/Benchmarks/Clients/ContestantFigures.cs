namespace Benchmarks.Clients;

/// <summary>What a client process says of its callers' requests; the last two are of the process, for each request.</summary>
internal sealed record ContestantFigures(double MessagesPerSecond, double P50, double P99, double AllocatedBytes, double CpuMicroseconds);
