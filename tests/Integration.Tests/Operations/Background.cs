using System.Collections.Concurrent;
using System.Diagnostics;

namespace Integration.Tests.Operations;

/// <summary>A program that runs during the test, and its output so far.</summary>
internal sealed class Background : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Task _reading;

    private Background(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    public int Id => _process.Id;

    public string Printed => string.Join('\n', _lines);

    public static Background Start(string program, params string[] arguments) => Start(new ProcessStartInfo(program, arguments));

    public static Background Start(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        return new Background(Process.Start(start)!);
    }

    /// <summary>Waits until the program has printed the text.</summary>
    public Task PrintsAsync(string text) =>
        Eventually.Async(() => Task.FromResult(Printed.Contains(text, StringComparison.Ordinal)), () => Printed);

    public void Kill() => _process.Kill();

    /// <summary>Waits for the end of the program and returns its whole output.</summary>
    public async Task<string> EndAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(deadline.Token);
        await _reading;
        Assert.True(_process.ExitCode == 0, $"exit code {_process.ExitCode}\n{Printed}");
        return Printed;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            _lines.Enqueue(line);
        }
    }
}
