using System.Diagnostics;
using Benchmarks.Load;

namespace Benchmarks.Clients;

/// <summary>A second process of this program, in another role. The process ends when its standard input ends.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;

    public ChildProcess(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        start.Environment[Scenarios.InlineCompletions] = "0"; // the runtime's default, which most users of a client library have
        _process = Process.Start(start)!;
    }

    public async Task<string> ReadAsync() =>
        await _process.StandardOutput.ReadLineAsync()
            ?? throw new IOException($"'{string.Join(' ', _process.StartInfo.ArgumentList)}' failed.");

    public async Task<string> AskAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
        return await ReadAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
