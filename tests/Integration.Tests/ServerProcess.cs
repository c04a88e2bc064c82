using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;

namespace Integration.Tests;

/// <summary>The real program, as an operator starts it.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("np-data-");

    private ServerProcess(Action<ProcessStartInfo>? setUp, string[] arguments) =>
        _process = Launch(setUp, [$"--NetworkProtocol:Admin:DataPath={_data.FullName}", .. arguments]);

    public IPEndPoint Protocol { get; private set; } = new(IPAddress.Loopback, 0);

    public Uri Http { get; private set; } = new("http://127.0.0.1");

    public string Output { get; private set; } = "";

    /// <summary>The path of the printed sign-in link.</summary>
    public string SignInLink => ConsoleLine().Match(Output).Groups[1].Value;

    public int Id => _process.Id;

    /// <summary>Starts the program on port 0 and waits until it prints where it listens.</summary>
    public static Task<ServerProcess> StartAsync(params string[] arguments) => StartAsync(setUp: null, arguments);

    /// <summary>Does the same, with a change to the environment or the start.</summary>
    public static async Task<ServerProcess> StartAsync(Action<ProcessStartInfo>? setUp, params string[] arguments)
    {
        var server = new ServerProcess(
            setUp, ["--NetworkProtocol:Server:Listen=127.0.0.1:0", "--NetworkProtocol:Http:Listen=127.0.0.1:0", .. arguments]);
        using var deadline = new CancellationTokenSource(Patience);
        while (!server.Output.Contains("HTTP ", StringComparison.Ordinal))
        {
            var line = await server._process.StandardOutput.ReadLineAsync(deadline.Token)
                ?? throw new IOException(server.Output + await server._process.StandardError.ReadToEndAsync(deadline.Token));
            server.Output += line + "\n";
        }

        server.Protocol.Port = int.Parse(
            ProtocolLine().Match(server.Output).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        server.Http = new Uri(HttpLine().Match(server.Output).Groups[1].Value);
        return server;
    }

    /// <summary>Starts the program on port 0, and does not wait.</summary>
    public static ServerProcess Launch(params string[] arguments) =>
        new(setUp: null, ["--NetworkProtocol:Server:Listen=127.0.0.1:0", "--NetworkProtocol:Http:Listen=127.0.0.1:0", .. arguments]);

    /// <summary>Runs the program until it ends, and returns exit code, output and errors.</summary>
    public static Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) =>
        RunAsync(setUp: null, arguments);

    /// <summary>Does the same, with a change to the start.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        Action<ProcessStartInfo>? setUp, params string[] arguments)
    {
        using var process = Launch(setUp, arguments);
        using var deadline = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        return (process.ExitCode, await output, await errors);
    }

    public async Task SignalAsync(string name)
    {
        // The shell's built-in kill, because the program may not be installed.
        using var kill = Process.Start("sh", ["-c", $"kill -{name} {_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    public async Task<int> WaitForExitAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        Output += await _process.StandardOutput.ReadToEndAsync(deadline.Token);
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    /// <summary>The whole standard error. The program must have ended.</summary>
    public Task<string> ReadErrorsAsync() => _process.StandardError.ReadToEndAsync();

    public async Task WaitForLineAsync(string text)
    {
        using var deadline = new CancellationTokenSource(Patience);
        string? line;
        do
        {
            line = await _process.StandardOutput.ReadLineAsync(deadline.Token) ?? throw new IOException("The program ended.");
        }
        while (!line.Contains(text, StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _data.Delete(recursive: true);
    }

    private static Process Launch(Action<ProcessStartInfo>? setUp, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "NetworkProtocol.Web.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        setUp?.Invoke(start);
        return Process.Start(start)!;
    }

    [GeneratedRegex(@"Protocol  \S+:(\d+)")]
    private static partial Regex ProtocolLine();

    [GeneratedRegex(@"Console   https?://[^/\s]+(\S+)")]
    private static partial Regex ConsoleLine();

    [GeneratedRegex(@"HTTP      (\S+)")]
    private static partial Regex HttpLine();
}
