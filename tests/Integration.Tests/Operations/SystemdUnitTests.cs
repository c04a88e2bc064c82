using System.Globalization;
using System.Text.RegularExpressions;

namespace Integration.Tests.Operations;

/// <summary>The unit files, checked by systemd.</summary>
public sealed partial class SystemdUnitTests
{
    private const double MostExposure = 2.0;

    [Theory]
    [InlineData("")]
    [InlineData("challenge.conf")]
    [InlineData("edge.conf")]
    [InlineData("hub.conf")]
    public async Task Units_verify_without_a_word(string dropIn)
    {
        // The units are in a separate root, in which the programs that they start exist.
        var root = Directory.CreateTempSubdirectory("units-");
        try
        {
            foreach (var file in Directory.GetFiles(Repository.Deploy("systemd"), "network-protocol*.*"))
            {
                File.Copy(file, Path.Combine(root.FullName, Path.GetFileName(file)));
            }

            AddDropIn(root, dropIn);

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
    [InlineData("network-protocol.service", "")]
    [InlineData("network-protocol.service", "edge.conf")]
    [InlineData("network-protocol.service", "hub.conf")]
    [InlineData("network-protocol-backup.service", "")]
    public async Task Little_is_exposed(string unit, string dropIn)
    {
        var root = Directory.CreateTempSubdirectory("units-");
        try
        {
            File.Copy(Repository.Deploy($"systemd/{unit}"), Path.Combine(root.FullName, unit));
            AddDropIn(root, dropIn);
            var result = await Tool.RunAsync(
                "systemd-analyze", "security", "--offline=true", "--no-pager", Path.Combine(root.FullName, unit));
            var exposure = Exposure().Match(result.All).Groups[1].Value;
            Assert.True(double.Parse(exposure, CultureInfo.InvariantCulture) <= MostExposure, result.All);
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Sensors_have_the_socket_of_an_edge_and_nothing_else_of_it()
    {
        var edge = await File.ReadAllTextAsync(Repository.Deploy("systemd/network-protocol.service.d/edge.conf"));
        var socket = SensorSocket().Match(edge).Groups[1].Value;
        Assert.Equal("/run/network-protocol", Path.GetDirectoryName(socket));
        Assert.Contains("\nRuntimeDirectory=network-protocol\n", await UnitAsync(), StringComparison.Ordinal);
        Assert.Contains($"\nExecStartPost=+/usr/bin/chgrp --no-dereference sensors {socket}\n", edge, StringComparison.Ordinal);
        var users = await File.ReadAllTextAsync(Repository.Deploy("systemd/network-protocol.sysusers.conf"));
        Assert.Contains("\ng sensors -\n", users, StringComparison.Ordinal);
        Assert.DoesNotContain("\nm ", users, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hubs_memory_holds_the_worst_case_and_its_store()
    {
        const long Store = 256L << 20;
        var hub = await File.ReadAllTextAsync(Repository.Deploy("systemd/network-protocol.service.d/hub.conf"));
        var options = new NetworkProtocol.Server.ServerOptions { MaxConnections = NumberOf(HubConnections(), hub) };
        Assert.True((long)NumberOf(HubMemory(), hub) << 30 >= NetworkProtocol.Server.Memory.MemoryNeed.Of(options) + Store);
        Assert.Contains("\nStateDirectory=network-protocol\n", await UnitAsync(), StringComparison.Ordinal);
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

    private static Task<string> UnitAsync() => File.ReadAllTextAsync(Repository.Deploy("systemd/network-protocol.service"));

    private static int NumberOf(Regex setting, string text) => int.Parse(setting.Match(text).Groups[1].Value, CultureInfo.InvariantCulture);

    private static void AddDropIn(DirectoryInfo root, string name)
    {
        if (name.Length > 0)
        {
            var folder = root.CreateSubdirectory("network-protocol.service.d").FullName;
            File.Copy(Repository.Deploy($"systemd/network-protocol.service.d/{name}"), Path.Combine(folder, name));
        }
    }

    [GeneratedRegex("^Environment=NetworkProtocol__Edge__LocalSocket=(.*)$", RegexOptions.Multiline)]
    private static partial Regex SensorSocket();

    [GeneratedRegex("^Environment=NetworkProtocol__Server__MaxConnections=([0-9]+)$", RegexOptions.Multiline)]
    private static partial Regex HubConnections();

    [GeneratedRegex("^MemoryMax=([0-9]+)G$", RegexOptions.Multiline)]
    private static partial Regex HubMemory();

    [GeneratedRegex("^(Exec(?:Start|Reload))=/opt.*$", RegexOptions.Multiline)]
    private static partial Regex ProgramStart();

    [GeneratedRegex(@"Overall exposure level for \S+: ([0-9.]+)")]
    private static partial Regex Exposure();

    [GeneratedRegex(@"^TimeoutStopSec=(\d+)$", RegexOptions.Multiline)]
    private static partial Regex StopTimeout();
}
