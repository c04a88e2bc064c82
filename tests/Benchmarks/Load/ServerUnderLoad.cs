using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Benchmarks.Load;

/// <summary>The parent process's view of a <see cref="ServedProcess"/>.</summary>
internal sealed class ServerUnderLoad : IAsyncDisposable
{
    private readonly Process _process;

    private ServerUnderLoad(string kind, Process process, IPEndPoint tcp, UnixDomainSocketEndPoint local)
    {
        Kind = kind;
        _process = process;
        Tcp = tcp;
        Local = local;
    }

    public string Kind { get; }

    public IPEndPoint Tcp { get; }

    public UnixDomainSocketEndPoint Local { get; }

    public static async Task<ServerUnderLoad> StartAsync(string kind, int port = 0)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [ServedProcess.Argument, kind, $"{port}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment[Scenarios.InlineCompletions] = kind == ServedProcess.BareDefaults ? "0" : Scenarios.InlineCompletionsValue;
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync() ?? throw new IOException($"The server {kind} did not start.");
        var words = line.Split(' ');
        return new ServerUnderLoad(
            kind, process, new IPEndPoint(IPAddress.Loopback, int.Parse(words[0], null)), new UnixDomainSocketEndPoint(words[1]));
    }

    public async Task<Figures> AskAsync()
    {
        await _process.StandardInput.WriteLineAsync();
        await _process.StandardInput.FlushAsync();
        return JsonSerializer.Deserialize<Figures>(await _process.StandardOutput.ReadLineAsync() ?? "")!;
    }

    /// <summary>Ends the process as a crash does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
