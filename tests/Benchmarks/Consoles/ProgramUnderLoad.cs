using System.Diagnostics;
using System.Net;

namespace Benchmarks.Consoles;

/// <summary>The real program in a process of its own.</summary>
internal sealed class ProgramUnderLoad : IAsyncDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _data;

    private ProgramUnderLoad(Process process, DirectoryInfo data) => (_process, _data) = (process, data);

    public IPEndPoint Protocol { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>The sign-in link, which works once.</summary>
    public Uri SignIn { get; private set; } = new("http://127.0.0.1");

    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public static async Task<ProgramUnderLoad> StartAsync(params string[] more)
    {
        var data = Directory.CreateTempSubdirectory("np-");
        var start = new ProcessStartInfo("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "NetworkProtocol.Web.dll"),
            "--NetworkProtocol:Server:Listen=127.0.0.1:0", "--NetworkProtocol:Http:Listen=127.0.0.1:0",
            "--NetworkProtocol:Server:Tls:Mode=Disabled", "--NetworkProtocol:Server:MaxConnections=20000",
            "--NetworkProtocol:Server:HeartbeatInterval=01:00:00",
            $"--NetworkProtocol:Admin:DataPath={data.FullName}",
            .. more,
        ])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        var program = new ProgramUnderLoad(Process.Start(start)!, data);
        while (await program._process.StandardOutput.ReadLineAsync() is { } line && !line.StartsWith("HTTP", StringComparison.Ordinal))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0] == "Protocol")
            {
                program.Protocol = IPEndPoint.Parse(words[1]);
            }
            else if (words[0] == "Console")
            {
                program.SignIn = new Uri(words[1]);
            }
        }

        _ = program._process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        return program;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _data.Delete(recursive: true);
    }
}
