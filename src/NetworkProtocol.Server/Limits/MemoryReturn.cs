using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Server.Limits;

/// <summary>
/// Gives memory back once a crowd has come or gone. The runtime collects when something is allocated, and the C library
/// keeps what TLS has freed, so a server that has gone quiet would go on holding what its busiest minute took.
/// </summary>
internal sealed partial class MemoryReturn(ILogger<MemoryReturn> logger)
{
    /// <summary>So many connections opened or closed are a crowd.</summary>
    private const long Crowd = 1_000;

    private long _seen;
    private long _returned;

    /// <summary>Looks at how many connections have been opened and closed ever; acts when that has stopped changing.</summary>
    public void Check(long openedAndClosed)
    {
        var quiet = openedAndClosed == _seen;
        _seen = openedAndClosed;
        if (!quiet || openedAndClosed - _returned < Crowd)
        {
            return;
        }

        _returned = openedAndClosed;
        var before = Environment.WorkingSet;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        TrimNative();
        Log.MemoryReturned(logger, before - Environment.WorkingSet);
    }

    private static void TrimNative()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = MallocTrim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // A C library other than glibc, which gives back by itself.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint keep);
}
