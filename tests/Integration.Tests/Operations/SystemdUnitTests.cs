using System.Globalization;
using System.Text.RegularExpressions;

namespace Integration.Tests.Operations;

/// <summary>The unit files, checked by systemd.</summary>
public sealed partial class SystemdUnitTests
{
    private const double MostExposure = 2.0;

    [Fact]
    public async Task Units_verify_without_a_word()
    {
        // The units are in a separate root, in which the programs that they start exist.
        var root = Directory.CreateTempSubdirectory("units-");
        try
        {
            foreach (var file in Directory.GetFiles(Repository.Deploy("systemd"), "network-protocol*.*"))
            {
                File.Copy(file, Path.Combine(root.FullName, Path.GetFileName(file)));
            }

            foreach (var unit in Directory.GetFiles(root.FullName, "*.service"))
            {
                var text = await File.ReadAllTextAsync(unit);
                await File.WriteAllTextAsync(unit, ProgramStart().Replace(text, "$1=/bin/true"));
            }

            var units = Directory.GetFiles(root.FullName).Where(file => !file.EndsWith(".conf", StringComparison.Ordinal));
            var result = await Tool.RunAsync("systemd-analyze", ["--man=no", "verify", .. units]);
            Assert.Equal("", result.Good().All);
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("network-protocol.service")]
    [InlineData("network-protocol-backup.service")]
    public async Task Little_is_exposed(string unit)
    {
        var result = await Tool.RunAsync(
            "systemd-analyze", "security", "--offline=true", "--no-pager", Repository.Deploy($"systemd/{unit}"));
        var exposure = Exposure().Match(result.All).Groups[1].Value;
        Assert.True(double.Parse(exposure, CultureInfo.InvariantCulture) <= MostExposure, result.All);
    }

    [Fact]
    public async Task A_stop_waits_longer_than_the_drain()
    {
        var unit = await File.ReadAllTextAsync(Repository.Deploy("systemd/network-protocol.service"));
        var options = new NetworkProtocol.Server.ServerOptions();
        var seconds = int.Parse(StopTimeout().Match(unit).Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.InRange(
            seconds, (NetworkProtocol.Server.ServerOptions.DrainDelayBehindProxies + options.ShutdownTimeout).TotalSeconds + 10, 300);
    }

    [Fact]
    public async Task A_reload_checks_the_settings_before_the_server_hears_of_it() => Assert.Matches(
        @"\nExecReload=/opt/network-protocol/current/NetworkProtocol.Web --check-config\nExecReload=/bin/kill -HUP \$MAINPID\n",
        await File.ReadAllTextAsync(Repository.Deploy("systemd/network-protocol.service")));

    /// <summary>The program ends with 1 or 2 only if a setting, the port or an argument is wrong.</summary>
    [Fact]
    public async Task A_wrong_setting_or_argument_is_no_loop_and_planned_restarts_have_no_limit()
    {
        var unit = await File.ReadAllTextAsync(Repository.Deploy("systemd/network-protocol.service"));
        Assert.Contains("\nRestartPreventExitStatus=1 2\n", unit, StringComparison.Ordinal);
        Assert.Contains("\nStartLimitIntervalSec=0\n", unit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_that_hangs_ends_before_the_next_one() => Assert.Contains(
        "\nTimeoutStartSec=2h\n", await File.ReadAllTextAsync(Repository.Deploy("systemd/network-protocol-backup.service")),
        StringComparison.Ordinal);

    [Fact]
    public async Task A_stuck_one_is_not_asked_by_a_signal_that_dotnet_survives() => Assert.Contains(
        "\nWatchdogSignal=SIGKILL\n",
        await File.ReadAllTextAsync(Repository.Deploy("systemd/network-protocol.service")), StringComparison.Ordinal);

    [Fact]
    public void The_property_list_of_launchd_says_the_same()
    {
        using var reader = System.Xml.XmlReader.Create(
            Repository.Deploy("launchd/network-protocol.plist"), new() { DtdProcessing = System.Xml.DtdProcessing.Ignore });
        var dictionary = System.Xml.Linq.XDocument.Load(reader).Root!.Element("dict")!.Elements().ToList();
        string ValueOf(string key) =>
            dictionary[dictionary.FindIndex(element => element.Name == "key" && element.Value == key) + 1].Value.Trim();
        Assert.Equal("/opt/network-protocol/NetworkProtocol.Web", ValueOf("ProgramArguments"));
        Assert.Equal("_netprotocol", ValueOf("UserName"));
        Assert.Equal("60", ValueOf("ExitTimeOut"));
        Assert.Equal("63", ValueOf("Umask")); // 077
        Assert.Equal(0, dictionary.Count % 2);
    }

    [GeneratedRegex("^(Exec(?:Start|Reload))=/opt.*$", RegexOptions.Multiline)]
    private static partial Regex ProgramStart();

    [GeneratedRegex(@"Overall exposure level for \S+: ([0-9.]+)")]
    private static partial Regex Exposure();

    [GeneratedRegex(@"^TimeoutStopSec=(\d+)$", RegexOptions.Multiline)]
    private static partial Regex StopTimeout();
}
