using System.Globalization;
using Integration.Tests.Operations;
using NetworkProtocol.Messages;

namespace Integration.Tests;

/// <summary>Signals at any time during the program's run.</summary>
[Trait("Needs", "Program")]
public sealed class SignalTests
{
    private const string Plain = "--NetworkProtocol:Server:Tls:Mode=Disabled";
    private const int HangUp = 1;

    [Fact]
    public async Task A_second_SIGTERM_says_what_is_left_and_a_second_interrupt_ends_it_at_once()
    {
        await using var server = await ServerProcess.StartAsync(Plain, "--NetworkProtocol:Server:DrainDelay=00:05:00");
        await using var client = await ServedClient.ConnectAsync(server.Protocol);
        await server.SignalAsync("TERM");
        await NotReadyAsync(server);
        await server.SignalAsync("TERM");
        await server.WaitForLineAsync("SIGTERM was received again: the server continues to drain, 1 connections are left");
        await server.SignalAsync("INT");
        await server.WaitForLineAsync("SIGINT was received again");
        await client.SendAsync(new Message.Echo("still served"));
        Assert.Equal(new Message.Echo("still served"), await client.ReadAsync());
        await server.SignalAsync("INT");
        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.Contains("SIGINT ends the server at once: 1 connections are cut off", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SIGQUIT_ends_it_at_once()
    {
        await using var server = await ServerProcess.StartAsync(Plain, "--NetworkProtocol:Server:DrainDelay=00:05:00");
        await server.SignalAsync("QUIT");
        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.Contains("SIGQUIT ends the server at once", server.Output, StringComparison.Ordinal);
    }

    /// <summary>Times from the first signal handler until shortly after the start.</summary>
    [Fact]
    public async Task A_signal_while_it_starts_ends_it_well_or_is_ignored()
    {
        for (var i = 0; i < 8; i++)
        {
            var delay = TimeSpan.FromMilliseconds(Random.Shared.Next(0, 200 * (i + 1)));
            await using var server = ServerProcess.Launch(Plain);
            await Eventually.Async(() => Task.FromResult(Handles(server.Id, HangUp)));
            await Task.Delay(delay);
            await server.SignalAsync("HUP");
            await server.SignalAsync("TERM");
            var exitCode = await server.WaitForExitAsync();
            Assert.True(exitCode == 0, $"{delay} after the first handler: exit code {exitCode}\n{server.Output}");
            Assert.DoesNotContain("   at ", server.Output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0, "--check-config")]
    [InlineData(1, "--check-config", "--NetworkProtocol:Server:MaxConnections=none")]
    [InlineData(1, "--NetworkProtocol:Server:MaxConnections=none")]
    public async Task A_SIGTERM_after_the_program_has_ended_by_itself_changes_nothing(int exitCode, params string[] arguments)
    {
        var result = await ServerProcess.RunAsync(
            start => start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location, [Plain, .. arguments]);
        Assert.Equal((exitCode, true), (result.ExitCode, result.Errors.EndsWith("SIGTERM was handled\n", StringComparison.Ordinal)));
    }

    private static async Task NotReadyAsync(ServerProcess server)
    {
        using var http = new HttpClient { BaseAddress = server.Http };
        await Eventually.Async(async () => !(await http.GetAsync("/ready")).IsSuccessStatusCode);
    }

    /// <summary>Whether a process has a handler for a signal, as the kernel knows it.</summary>
    private static bool Handles(int id, int signal)
    {
        var caught = File.ReadLines($"/proc/{id}/status")
            .Single(line => line.StartsWith("SigCgt:", StringComparison.Ordinal)).Split(':')[1].Trim();
        return (ulong.Parse(caught, NumberStyles.HexNumber, CultureInfo.InvariantCulture) & (1UL << (signal - 1))) != 0;
    }
}
