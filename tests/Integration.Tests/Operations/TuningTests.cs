using System.Text.RegularExpressions;

namespace Integration.Tests.Operations;

/// <summary>The settings of deploy/tuning, read by the programs that use them.</summary>
public sealed partial class TuningTests
{
    private static readonly string Settings = Repository.Deploy("tuning/network-protocol.sysctl.conf");

    [Fact]
    public async Task The_kernel_takes_each_setting()
    {
        await using var machine = await NetworkNamespace.CreateAsync();
        (await machine.RunAsync("nft", "-f", Repository.Deploy("firewall/host.nft"))).Good(); // makes the kernel track connections
        Assert.Equal("", (await machine.RunAsync("/lib/systemd/systemd-sysctl", "--strict", Settings)).Good().All);
        foreach (var (key, value) in Keys())
        {
            var file = $"/proc/sys/{key.Replace('.', '/')}";
            Assert.True(File.Exists(file), key);
            var now = (await machine.RunAsync("cat", file)).Good().Output;
            if (key != "net.netfilter.nf_conntrack_max") // this setting belongs to the machine and is the same in all its namespaces
            {
                Assert.Equal(value, now.Trim().Replace('\t', ' '));
            }
        }
    }

    [Fact]
    public void Each_setting_has_its_reason()
    {
        var paragraphs = File.ReadAllText(Settings).Split("\n\n").Skip(1);
        Assert.All(paragraphs, paragraph => Assert.StartsWith("# ", paragraph, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_program_asks_for_as_long_a_queue_as_the_kernel_is_told_to_allow()
    {
        await using var server = await ServerProcess.StartAsync("--NetworkProtocol:Server:Tls:Mode=Disabled");
        var listening = (await Tool.RunAsync("ss", "-Hltn", $"sport = :{server.Protocol.Port}")).Good().Output;
        var queue = listening.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2];
        Assert.Equal(Keys()["net.core.somaxconn"], queue);
        Assert.Contains(
            $"Backlog={queue}\n", await File.ReadAllTextAsync(Repository.Deploy("systemd/network-protocol.socket")),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_are_those_of_the_unit_and_a_login_has_them()
    {
        var limits = await File.ReadAllTextAsync(Repository.Deploy("tuning/network-protocol.limits.conf"));
        var unit = await File.ReadAllTextAsync(Repository.Deploy("systemd/network-protocol.service"));
        var files = LimitNoFile().Match(unit).Groups[1].Value;
        Assert.Contains($"netprotocol hard nofile {files}\n", limits, StringComparison.Ordinal);

        // A machine may allow less than the file requests, so the test requests less, and for a user that every machine has.
        var folder = Directory.CreateTempSubdirectory("limits-");
        await File.WriteAllTextAsync(
            Path.Combine(folder.FullName, "network-protocol.conf"),
            limits.Replace("netprotocol", "nobody", StringComparison.Ordinal).Replace(files, "777", StringComparison.Ordinal));
        var login = await Tool.RunAsync("unshare", "--mount", "bash", "-c", $"""
            mount --bind {folder.FullName} /etc/security/limits.d
            exec runuser -u nobody -- sh -c 'ulimit -S -n; ulimit -H -n; ulimit -H -c'
            """);
        folder.Delete(recursive: true);
        Assert.Equal("777\n777\n0\n", login.Good().Output);
    }

    private static Dictionary<string, string> Keys() => File.ReadLines(Settings)
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.TrimStart('-').Split(" = "))
        .ToDictionary(pair => pair[0], pair => pair[1]);

    [GeneratedRegex("^LimitNOFILE=(.+)$", RegexOptions.Multiline)]
    private static partial Regex LimitNoFile();
}
