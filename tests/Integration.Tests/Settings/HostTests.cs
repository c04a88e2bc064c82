using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Integration.Tests.Operations;
using NetworkProtocol.Messages;

namespace Integration.Tests.Settings;

/// <summary>The program on hosts that lack something: a place for its output, inotify instances, a TCP socket.</summary>
[Trait("Needs", "Program")]
public sealed class HostTests : IDisposable
{
    private const string Plain = "--NetworkProtocol:Server:Tls:Mode=Disabled";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("host-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(">/dev/full")]
    [InlineData(">&-")]
    [InlineData("2>/dev/full >/dev/full")]
    public async Task Without_standard_output_it_serves_and_logs_to_its_file(string redirection)
    {
        var port = FreePort.Take();
        using var process = Start(redirection, port);
        try
        {
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            await Eventually.Async(
                () => AnswersAsync(http), () => $"It has {(process.HasExited ? $"ended with {process.ExitCode}" : "no answer")}.");
            await Eventually.Async(
                () => Task.FromResult(Log().Contains("Standard output cannot be written", StringComparison.Ordinal)), Log);
            Assert.False(process.HasExited);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task A_server_holds_no_inotify_instance_and_starts_where_there_is_none()
    {
        await using var server = await ServerProcess.StartAsync(WithoutInotify, Plain);
        Assert.DoesNotContain(
            Directory.GetFiles($"/proc/{server.Id}/fd"),
            file => new FileInfo(file).LinkTarget?.Contains("inotify", StringComparison.Ordinal) == true);
        var probe = Program("--probe", $"--NetworkProtocol:Http:Listen={server.Http.Authority}");
        WithoutInotify(probe);
        Assert.Equal("200 OK", (await Tool.RunAsync(probe)).Good().Output.Trim());
    }

    [Fact]
    public async Task A_Unix_socket_of_systemd_has_plain_packets_as_the_local_socket_does()
    {
        using var socket = new InheritedSocket(Path.Combine(_folder.FullName, "local.sock"));
        await using var server = await ServerProcess.StartAsync(socket.GiveTo, Plain);
        await using var client = await WireClient.ConnectAsync(socket.Address);
        await client.SendAsync(new Message.Echo("local"));
        Assert.Equal(new Message.Echo("local"), await client.ReadAsync());
        await using var tcp = await ServedClient.ConnectAsync(server.Protocol); // the program also opens Listen
        await server.SignalAsync("TERM");
        await server.WaitForExitAsync();
        Assert.Contains($"Local     unix:{socket.Address}", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_systemd_hands_over_and_nobody_can_serve_is_refused_in_one_line()
    {
        const string Script = "exec 3</dev/null; export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=odd; exec \"$@\"";
        var program = Program(
            Plain, "--NetworkProtocol:Http:Listen=127.0.0.1:0", $"--NetworkProtocol:Admin:DataPath={_folder.FullName}");
        var start = new ProcessStartInfo("bash", ["-c", Script, "bash", "dotnet", .. program.ArgumentList])
        {
            WorkingDirectory = AppContext.BaseDirectory,
        };
        var result = await Tool.RunAsync(start);
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith(
            "LISTEN_FDS: descriptor 3 (odd), which systemd hands over, is no socket", result.Errors, StringComparison.Ordinal);
        Assert.Single(result.Errors.Trim().Split('\n'));
    }

    [Fact]
    public async Task As_JSON_each_line_of_output_is_an_object_with_date_event_id_connection_and_peer()
    {
        await using var server = await ServerProcess.StartAsync(
            start => start.Environment["JOURNAL_STREAM"] = "8:1",
            Plain, "--NetworkProtocol:Log:Format=Json", "--Serilog:MinimumLevel:Override:NetworkProtocol.Server=Debug");
        await using (await ServedClient.ConnectAsync(server.Protocol))
        {
        }

        await server.SignalAsync("TERM");
        Assert.Equal(0, await server.WaitForExitAsync());
        var events = server.Output.TrimEnd().Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.All(events, entry => DateTimeOffset.Parse(entry.GetProperty("@t").GetString()!, CultureInfo.InvariantCulture));
        var ended = events.Single(
            entry => entry.TryGetProperty("EventId", out var id) && id.GetProperty("Name").GetString() == "ConnectionEnded");
        Assert.Equal("Debug", ended.GetProperty("@l").GetString());
        Assert.Equal(10, ended.GetProperty("EventId").GetProperty("Id").GetInt32());
        Assert.True(ended.GetProperty("ConnectionId").GetInt64() > 0);
        Assert.StartsWith("127.0.0.1:", ended.GetProperty("Peer").GetString(), StringComparison.Ordinal);
        Assert.Contains(events, entry => entry.GetProperty("@m").GetString()!.StartsWith("HTTP      http://", StringComparison.Ordinal));
    }

    [Fact]
    public void Image_and_manifests_write_JSON()
    {
        Assert.Equal("Json", Dockerfile.Read().Environment["NetworkProtocol__Log__Format"]);
        Assert.Contains(
            "NetworkProtocol__Log__Format",
            File.ReadAllText(Repository.Deploy("kubernetes/base/statefulset.yaml")), StringComparison.Ordinal);
    }

    private static ProcessStartInfo Program(params string[] arguments) =>
        new("dotnet", [Path.Combine(AppContext.BaseDirectory, "NetworkProtocol.Web.dll"), .. arguments])
        {
            WorkingDirectory = AppContext.BaseDirectory,
        };

    // Runs in a new user namespace, which has its own limit.
    private static void WithoutInotify(ProcessStartInfo start)
    {
        string[] command = [start.FileName, .. start.ArgumentList];
        start.FileName = "unshare";
        start.ArgumentList.Clear();
        foreach (var word in (string[])[
            "--user", "--map-root-user", "sh", "-c", "echo 0 > /proc/sys/user/max_inotify_instances && exec \"$@\"", "sh", .. command])
        {
            start.ArgumentList.Add(word);
        }
    }

    private static async Task<bool> AnswersAsync(HttpClient http)
    {
        try
        {
            return await http.GetStringAsync("/health") == "OK";
        }
        catch (HttpRequestException)
        {
            return false; // not yet
        }
    }

    private Process Start(string redirection, int port)
    {
        var program = Program(
            Plain, "--NetworkProtocol:Server:Listen=127.0.0.1:0", $"--NetworkProtocol:Http:Listen=127.0.0.1:{port}",
            $"--NetworkProtocol:Admin:DataPath={_folder.FullName}", $"--NetworkProtocol:Log:File={_folder.FullName}/server-.json");
        var start = new ProcessStartInfo("sh", ["-c", $"exec \"$@\" {redirection}", "sh", "dotnet", .. program.ArgumentList])
        {
            WorkingDirectory = AppContext.BaseDirectory,
        };
        return Process.Start(start)!;
    }

    private string Log()
    {
        var text = "";
        foreach (var file in _folder.GetFiles("server-*.json"))
        {
            using var reader = new StreamReader(new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            text += reader.ReadToEnd();
        }

        return text;
    }
}
