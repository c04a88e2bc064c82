using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NetworkProtocol.Server.Diagnostics;

namespace NetworkProtocol.Server.Memory;

/// <summary>
/// Returns memory to the system after many connections have opened or closed. The runtime collects garbage only when something is
/// allocated, and the C library keeps what TLS has freed, so a server without traffic would keep the memory of its busiest minute. The work
/// runs in the background and at most once in an interval: clients decide when many connections open, and must not decide when all
/// connections pause.
/// </summary>
internal sealed partial class MemoryReturn(IOptions<ServerOptions> options, TimeProvider time, ILogger<MemoryReturn> logger)
{
    /// <summary>Memory is returned after this many connections have opened or closed.</summary>
    private const long ManyConnections = 1_000;

    /// <summary>
    /// A compaction pauses all threads for about a millisecond for each MiB of living objects; with more than this it is skipped.
    /// </summary>
    private const long MostAlive = 32L * 1024 * 1024;

    /// <summary>With less free memory than this a compaction is not worth its pause.</summary>
    private const long LeastFree = 16L * 1024 * 1024;

    private long _seen;
    private long _returned;
    private long? _started;
    private bool _collected;

    /// <summary>The work that was started last.</summary>
    public Task Working { get; private set; } = Task.CompletedTask;

    /// <summary>
    /// Takes the number of connections that have ever opened and closed. Once the number has stopped changing, this starts a collection in
    /// the background; the next call, by which the collection knows what is alive, starts the rest of the work.
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
        else if (openedAndClosed - _returned >= ManyConnections && IsDue())
        {
            (_returned, _started, _collected) = (openedAndClosed, time.GetTimestamp(), true);
            Working = Task.Run(() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false));
        }
    }

    /// <summary>Whether a compaction is short and frees enough memory.</summary>
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
            // No other mode returns free memory to the system.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
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
            // This C library is not glibc, and returns memory by itself.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint keep);
}
