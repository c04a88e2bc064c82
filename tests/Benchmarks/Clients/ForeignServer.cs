using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Benchmarks.Clients;

/// <summary>Another project's server on a free loopback port, which keeps nothing on disk.</summary>
internal sealed class ForeignServer : IAsyncDisposable
{
    /// <summary>Ends the server when this program ends in any way, because the end closes the pipe.</summary>
    private const string Script = """trap '' INT; "$0" "$@" & read -r _; kill $!; wait""";

    /// <summary>The folder where packages install servers. Not every user's PATH contains it.</summary>
    private const string ServerDirectory = "/usr/sbin";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ForeignServer(string program, string readyText, Func<ForeignServer, string[]> getArguments)
    {
        Tcp = FindFreePort();
        Local = new(Path.Combine(Path.GetTempPath(), $"benchmark-{Path.GetFileName(program)}-{Environment.ProcessId}.sock"));
        _process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Script, program, .. getArguments(this)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.OutputDataReceived += (_, line) => Read(line.Data, readyText);
        _process.ErrorDataReceived += (_, line) => Read(line.Data, readyText);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public IPEndPoint Tcp { get; }

    /// <summary>A path that a server may use.</summary>
    public UnixDomainSocketEndPoint Local { get; }

    /// <summary>Starts the server. If the program is not installed, prints that and returns null.</summary>
    public static async Task<ForeignServer?> StartAsync(string name, string readyText, Func<ForeignServer, string[]> getArguments)
    {
        if (Find(name) is not { } program)
        {
            Console.WriteLine($"{name} is missing: install the package {name} to compare with it.");
            return null;
        }

        var server = new ForeignServer(program, readyText, getArguments);
        await server._ready.Task.WaitAsync(Patience);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static string? Find(string name) =>
        $"{Environment.GetEnvironmentVariable("PATH")}{Path.PathSeparator}{ServerDirectory}".Split(Path.PathSeparator)
            .Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists);

    private static IPEndPoint FindFreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }

    private void Read(string? line, string readyText)
    {
        if (line?.Contains(readyText, StringComparison.Ordinal) == true)
        {
            _ready.TrySetResult();
        }
    }
}
