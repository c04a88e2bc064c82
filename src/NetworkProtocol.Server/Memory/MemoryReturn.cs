using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Server.Memory;

/// <summary>
/// Gives memory back once a crowd has come or gone. The runtime collects when something is allocated, and the C library
/// keeps what TLS has freed, so a server that has gone quiet would go on holding what its busiest minute took.
/// It works beside the server: strangers decide when a crowd comes, and must not decide when everyone pauses.
/// </summary>
internal sealed partial class MemoryReturn(IOptions<ServerOptions> options, TimeProvider time, ILogger<MemoryReturn> logger)
{
    /// <summary>So many connections opened or closed are a crowd.</summary>
    private const long Crowd = 1_000;

    /// <summary>A compaction pauses everyone for as long as the living objects take: about a millisecond for each MiB.</summary>
    private const long MostAlive = 32L * 1024 * 1024;

    /// <summary>Less than this is not worth a pause.</summary>
    private const long LeastFree = 16L * 1024 * 1024;

    private long _seen;
    private long _returned;
    private long? _started;
    private bool _collected;

    /// <summary>The work that was started last.</summary>
    public Task Working { get; private set; } = Task.CompletedTask;

    /// <summary>
    /// Looks at how many connections have been opened and closed ever. When that has stopped changing it starts a collection in the
    /// background, and at the next call, when that has found out what is alive, the rest.
    /// </summary>
    public void Check(long openedAndClosed)
    {
        var quiet = openedAndClosed == _seen;
        _seen = openedAndClosed;
        if (!quiet || !Working.IsCompleted)
        {
            return;
        }

        if (_collected)
        {
            _collected = false;
            Working = Task.Run(Return);
        }
        else if (openedAndClosed - _returned >= Crowd && IsDue())
        {
            (_returned, _started, _collected) = (openedAndClosed, time.GetTimestamp(), true);
            Working = Task.Run(() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false));
        }
    }

    /// <summary>Whether a compaction is short and brings something.</summary>
    internal static bool IsWorthwhile(long heapBytes, long freeBytes) => freeBytes >= LeastFree && heapBytes - freeBytes <= MostAlive;

    private bool IsDue() =>
        options.Value.MemoryReturnInterval is var interval && interval > TimeSpan.Zero
        && (_started is not { } started || time.GetElapsedTime(started) >= interval);

    private void Return()
    {
        var before = Environment.WorkingSet;
        var found = GC.GetGCMemoryInfo(GCKind.Background);
        if (IsWorthwhile(found.HeapSizeBytes, found.FragmentedBytes))
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true); // no other mode returns what is free
        }

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
