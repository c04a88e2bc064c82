using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;
using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Server.Limits;

/// <summary>
/// Refuses a connection that would take one of the last descriptors of the process. Without a free descriptor the runtime cannot start a
/// thread, and ends the process ("Out of memory."); the program cannot open its files, and operators cannot reach it over HTTP.
/// </summary>
internal sealed class DescriptorGuard(ServerMetrics metrics, TimeProvider time, ILogger<DescriptorGuard> logger)
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    /// <summary>How long the limit is cached. prlimit(1) may change it while the process runs.</summary>
    private static readonly TimeSpan LimitAge = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private int _limit = DescriptorLimit.Read() ?? int.MaxValue;
    private long _limitRead = time.GetTimestamp();
    private long? _logged;
    private long _refused;

    /// <summary>Whether a connection that was just accepted leaves <paramref name="spare"/> descriptors free.</summary>
    public bool Admits(ConnectionContext connection, int spare)
    {
        // The kernel assigns the lowest free number, so at least as many descriptors are in use as the number of this one.
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

    // Reading the limit opens a file. If no descriptor is left for that, no connection may take one either.
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
