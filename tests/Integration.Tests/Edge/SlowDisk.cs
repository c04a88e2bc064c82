using System.Diagnostics;
using System.Globalization;

namespace Integration.Tests.Edge;

/// <summary>Makes each sync of a running program take longer, until it is disposed of. <c>strace</c> holds the calls back.</summary>
internal sealed class SlowDisk : IAsyncDisposable
{
    private readonly Process _strace;

    private SlowDisk(int process, TimeSpan delay) => _strace = Process.Start(new ProcessStartInfo(
        "strace",
        [
            "-f", "-o", "/dev/null", "-e", "trace=fdatasync,fsync",
            "-e", string.Create(CultureInfo.InvariantCulture, $"inject=fdatasync,fsync:delay_enter={(long)delay.TotalMicroseconds}"),
            "-p", process.ToString(CultureInfo.InvariantCulture),
        ])
    {
        RedirectStandardError = true,
    })!;

    public static async Task<SlowDisk> AttachAsync(int process, TimeSpan delay)
    {
        var disk = new SlowDisk(process, delay);
        await disk._strace.StandardError.ReadLineAsync(); // strace has attached to all threads when it says so
        return disk;
    }

    public async ValueTask DisposeAsync()
    {
        using (var kill = Process.Start("kill", ["-INT", _strace.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        await _strace.WaitForExitAsync(); // now it has detached from all threads
        _strace.Dispose();
    }
}
