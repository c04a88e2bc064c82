using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;
using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Server.Limits;

/// <summary>
/// Refuses a connection that would take the last descriptors of the process. Without one the runtime cannot start a thread, and ends the
/// process for it ("Out of memory."); a program cannot open its files, and nobody can look at it.
/// </summary>
internal sealed class DescriptorGuard(ServerMetrics metrics, TimeProvider time, ILogger<DescriptorGuard> logger)
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private readonly int _limit = DescriptorLimit.Read() ?? int.MaxValue;
    private readonly Lock _lock = new();
    private long? _logged;
    private long _refused;

    /// <summary>Whether a connection that was just accepted leaves so many descriptors free.</summary>
    public bool Admits(ConnectionContext connection, int spare)
    {
        // The kernel gives the lowest number that is free, so a number says how many are taken at least.
        var number = connection.Features.Get<IConnectionSocketFeature>()?.Socket.Handle.ToInt64() ?? 0;
        if (number < _limit - spare)
        {
            return true;
        }

        metrics.OutOfDescriptors();
        LogSometimes();
        return false;
    }

    private void LogSometimes()
    {
        lock (_lock)
        {
            _refused++;
            if (_logged is { } logged && time.GetElapsedTime(logged) < LogInterval)
            {
                return;
            }

            Log.OutOfDescriptors(logger, _refused, _limit);
            (_logged, _refused) = (time.GetTimestamp(), 0);
        }
    }
}
