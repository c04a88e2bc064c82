namespace Integration.Tests.Operations;

/// <summary>The log files: their permissions, their size, and a full disk.</summary>
public sealed class LogFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("log-");

    [Theory]
    [InlineData("0640")]
    [InlineData("0600")]
    public async Task A_file_has_the_mode_that_was_set_whatever_the_umask(string mode)
    {
        await using var server = await StartAsync($"--NetworkProtocol:Log:FileMode={mode}");
        var file = Directory.GetFiles(_folder.FullName, "server-*.json").Single();
        Assert.Equal(Convert.ToInt32(mode, 8), (int)File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task A_full_disk_is_counted_and_told_once_a_minute()
    {
        (await Tool.RunAsync("mount", "-t", "tmpfs", "-o", "size=256k", "none", _folder.FullName)).Good();
        try
        {
            await using var server = await StartAsync("--Serilog:MinimumLevel:Default=Debug");
            Assert.Equal(0, await server.ValueAsync("log_write_failures_total"));
            await Tool.RunAsync("dd", "if=/dev/zero", $"of={_folder.FullName}/full", "bs=4k");
            await Eventually.Async(async () =>
            {
                await using (await ServedClient.ConnectAsync(server.Protocol))
                {
                }

                return await server.ValueAsync("log_write_failures_total") > 1;
            });
            await server.SignalAsync("TERM");
            await server.WaitForExitAsync();
            var told = (await server.ReadErrorsAsync()).Split('\n')
                .Where(line => line.Contains("The log file cannot be written", StringComparison.Ordinal));
            Assert.Contains("No space left on device", Assert.Single(told), StringComparison.Ordinal);
        }
        finally
        {
            (await Tool.RunAsync("umount", _folder.FullName)).Good();
        }
    }

    [Fact]
    public void A_problem_is_told_again_after_a_minute()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        using var journal = new StringWriter();
        var failures = new NetworkProtocol.Web.LogFailures(time, journal.WriteLineAsync);
        for (var second = 0; second <= 120; second++)
        {
            failures.Report("no\nspace");
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(3, journal.ToString().Count('\n'));
    }

    [Theory]
    [InlineData("MaxFileBytes=1", "NetworkProtocol:Log:MaxFileBytes = 1: must be 1048576 to 10737418240")]
    [InlineData("FileMode=0666", "NetworkProtocol:Log:FileMode = 0666: must be 0600, 0640 or 0644")]
    [InlineData("FileMode=rw", "NetworkProtocol:Log:FileMode = rw: must be 0600, 0640 or 0644")]
    public async Task A_wrong_value_is_refused(string setting, string error)
    {
        var result = await Tool.RunAsync(
            "dotnet", Path.Combine(AppContext.BaseDirectory, "NetworkProtocol.Web.dll"),
            "--check-config", "--NetworkProtocol:Server:Tls:Mode=Disabled",
            $"--NetworkProtocol:Log:File={_folder.FullName}/server-.json", $"--NetworkProtocol:Log:{setting}");
        Assert.Equal((1, error + "\n"), (result.ExitCode, result.Errors));
        Assert.Empty(Directory.GetFiles(_folder.FullName));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Task<ServerProcess> StartAsync(string setting) => ServerProcess.StartAsync(
        "--NetworkProtocol:Server:Tls:Mode=Disabled", $"--NetworkProtocol:Log:File={_folder.FullName}/server-.json", setting);
}
