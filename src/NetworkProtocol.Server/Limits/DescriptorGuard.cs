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

    /// <summary>For how long the limit is taken to be what it was: prlimit(1) may change it while the process runs.</summary>
    private static readonly TimeSpan LimitAge = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private int _limit = DescriptorLimit.Read() ?? int.MaxValue;
    private long _limitRead = time.GetTimestamp();
    private long? _logged;
    private long _refused;

    /// <summary>Whether a connection that was just accepted leaves so many descriptors free.</summary>
    public bool Admits(ConnectionContext connection, int spare)
    {
        // The kernel gives the lowest number that is free, so a number says how many are taken at least.
        var number = connection.Features.Get<IConnectionSocketFeature>()?.Socket.Handle.ToInt64() ?? 0;
        if (number < Limit() - spare)
        {
            return true;
        }

        metrics.OutOfDescriptors();
        LogSometimes();
        return false;
    }

    private int Limit()
    {
        lock (_lock)
        {
            if (time.GetElapsedTime(_limitRead) >= LimitAge)
            {
                _limit = ReadLimit();
                _limitRead = time.GetTimestamp();
            }

            return _limit;
        }
    }

    // To read it takes a descriptor: without one, nothing more may be taken.
    private static int ReadLimit()
    {
        try
        {
            return DescriptorLimit.Read() ?? int.MaxValue;
        }
        catch (IOException)
        {
            return 0;
        }
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
