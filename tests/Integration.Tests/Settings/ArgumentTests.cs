using NetworkProtocol.Web;

namespace Integration.Tests.Settings;

/// <summary>The program refuses arguments that nothing reads. Arguments of ASP.NET Core still work.</summary>
[Trait("Needs", "Program")]
public sealed class ArgumentTests
{
    private const string Plain = "--NetworkProtocol:Server:Tls:Mode=Disabled";

    [Theory]
    [InlineData("--check-confg: no such switch; did you mean --check-config?", "--check-confg")]
    [InlineData("--Check-Config: no such switch; did you mean --check-config?", "--Check-Config")]
    [InlineData("-check-config: no such switch; did you mean --check-config?", "-check-config")]
    [InlineData("check-config: no such switch; did you mean --check-config?", "check-config")]
    [InlineData("--check-config: no such switch; did you mean --check-config?", "--check-config=true")]
    [InlineData("--prob: no such switch; did you mean --probe?", "--prob=/ready")]
    [InlineData("/ready: write --probe=/ready", "--probe", "/ready")]
    [InlineData("--daemonize: no such switch", "--daemonize")]
    [InlineData("-x: no such switch", "-x=1")]
    [InlineData(
        "--NetworkProtcol:Http:MetricsNetworks:0: no such switch; did you mean --NetworkProtocol:Http:MetricsNetworks:0=VALUE?",
        "--NetworkProtcol:Http:MetricsNetworks:0=10.0.0.0/8")]
    [InlineData(
        "--NetworkProtocol__Server__Listen: no such switch; did you mean --NetworkProtocol:Server:Listen=VALUE?",
        "--NetworkProtocol__Server__Listen=127.0.0.1:0")]
    [InlineData("--enviroment: no such switch; did you mean --environment=VALUE?", "--enviroment", "Development")]
    [InlineData(
        "--NetworkProtocol:Log:File: needs a value: write --NetworkProtocol:Log:File=VALUE",
        "--NetworkProtocol:Log:File", "--check-config")]
    [InlineData("--urls: needs a value: write --urls=VALUE", "--urls")]
    [InlineData(
        "--NetworkProtocol:Admin:Password: needs a value: write --NetworkProtocol:Admin:Password=VALUE",
        "--NetworkProtocol:Admin:Password", "--hunter2")]
    [InlineData(
        "--NetworkProtcol:Admin:Password: no such switch; did you mean --NetworkProtocol:Admin:Password=VALUE?",
        "--probe", "--NetworkProtcol:Admin:Password=hunter2")]
    [InlineData(
        "Argument 2 belongs to no switch: write a value after the name of its switch, as --NAME=VALUE",
        "--NetworkProtocol:Admin:Password=", "hunter2")]
    public void What_nothing_reads_is_one_problem(string problem, params string[] words) =>
        Assert.Equal(problem, Assert.Single(Arguments.Parse(words).Problems));

    [Theory]
    [InlineData("--NetworkProtocol:Server:Port", "1")]
    [InlineData("--NetworkProtocol:Server:Listen=127.0.0.1:0")]
    [InlineData("/NetworkProtocol:Server:Listen", "127.0.0.1:0")]
    [InlineData("/NetworkProtocol:Server:Listen=127.0.0.1:0")]
    [InlineData("NetworkProtocol:Server:Listen=127.0.0.1:0")]
    [InlineData("--networkprotocol:server:listen=x=y")]
    [InlineData("--NetworkProtocol:Server:Listen=")]
    [InlineData("--NetworkProtocol:Admin:Password", "-x")]
    [InlineData("--Serilog:MinimumLevel:Default=Debug")]
    [InlineData("--Kestrel:Endpoints:More:Url=http://127.0.0.1:0")]
    [InlineData("--urls", "http://127.0.0.1:0")]
    [InlineData("--urls=http://127.0.0.1:0")]
    [InlineData(
        "--environment=Development", "--contentRoot", "/tmp", "--applicationName=x", "--webroot=x", "--http_ports=1", "--AllowedHosts=*")]
    public void What_ASP_NET_Core_reads_is_given_to_it(params string[] words)
    {
        var arguments = Arguments.Parse(["--check-config", .. words, "--probe=/ready"]);
        Assert.Empty(arguments.Problems);
        Assert.Equal(words, arguments.Configuration);
        Assert.True(arguments.ChecksConfiguration);
        Assert.Equal("/ready", arguments.ProbePath);
    }

    [Fact]
    public async Task The_program_does_not_start_with_a_misspelt_switch_and_lists_the_right_ones()
    {
        var (exitCode, output, errors) = await ServerProcess.RunAsync(Plain, "--check-confg");
        Assert.Equal((2, ""), (exitCode, output));
        var lines = errors.Split('\n');
        Assert.Equal("--check-confg: no such switch; did you mean --check-config?", lines[0]);
        Assert.Contains(lines, line => line.StartsWith("  --check-config ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("  --NetworkProtocol:KEY=VALUE ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_list_of_switches_can_be_asked_for()
    {
        var (exitCode, output, errors) = await ServerProcess.RunAsync("--help");
        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Equal(Switches.List, output.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Arguments_of_ASP_NET_Core_go_on_to_work()
    {
        await using var server = await ServerProcess.StartAsync(
            Plain, "--urls", "http://127.0.0.1:0", "--environment", "Staging", "--NetworkProtocol:Server:MaxConnections", "7");
        using var http = new HttpClient { BaseAddress = server.Http };
        Assert.Contains("\nconnections_limit 7\n", await http.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }
}
