using System.Text.RegularExpressions;

namespace Integration.Tests.Operations;

/// <summary>apply.sh, which loads rules and restores the old rules unless the operator confirms.</summary>
public sealed class FirewallScriptTests : IAsyncLifetime
{
    private const string Old = "table inet network_protocol {\n\tchain input {\n\t\ttcp dport 7 accept\n\t}\n}\n";

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("firewall-");
    private NetworkNamespace _machine = null!;

    public async Task InitializeAsync() => _machine = await NetworkNamespace.CreateAsync();

    [Theory]
    [InlineData("host.nft")]
    [InlineData("dmz.nft")]
    [InlineData("iptables.rules", "ip6tables.rules")]
    public async Task Without_a_confirmation_the_old_rules_come_back(params string[] files)
    {
        await LoadOldAsync();
        var before = await RulesAsync();
        Assert.Contains(
            "The rules are in force", (await ApplyAsync(["--seconds", "1", .. Edited(files)])).Good().Output, StringComparison.Ordinal);
        await NothingWaitsAsync();
        Assert.Equal(before, await RulesAsync());
        Assert.False(Directory.Exists(Under("etc")));
        Assert.Equal(1, (await ApplyAsync("--confirm")).ExitCode); // too late, which the script reports
    }

    [Theory]
    [InlineData("host.nft")]
    [InlineData("iptables.rules", "ip6tables.rules")]
    public async Task A_machine_without_rules_has_none_again(params string[] files)
    {
        (await ApplyAsync(Edited(files))).Good();
        (await ApplyAsync("--rollback")).Good();
        Assert.DoesNotContain("8443", await RulesAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("drop", await RulesAsync(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task They_come_back_also_when_the_operators_session_dies()
    {
        await LoadOldAsync();
        var before = await RulesAsync();
        var session = await _machine.RunAsync("setsid",
        [
            "--wait", "bash", "-c", "\"$@\" && kill -KILL 0", "bash", Script,
            "--root", _root.FullName, "--seconds", "1", .. Edited("host.nft"),
        ]);
        Assert.Equal(128 + 9, session.ExitCode); // none of the session's processes runs any longer
        await NothingWaitsAsync();
        Assert.Equal(before, await RulesAsync());
    }

    [Fact]
    public async Task Once_confirmed_they_stay_and_are_there_at_the_next_boot_and_all_of_it_again()
    {
        await LoadOldAsync();
        Directory.CreateDirectory(Under("etc"));
        await File.WriteAllTextAsync(Under("etc/nftables.conf"), "flush ruleset\n");
        for (var turn = 0; turn < 2; turn++)
        {
            (await ApplyAsync(["--seconds", "3600", .. Edited("host.nft")])).Good();
            (await ApplyAsync("--confirm")).Good();
        }

        var confirmed = await RulesAsync();
        Assert.Contains("8443", confirmed, StringComparison.Ordinal);
        Assert.Equal(
            "flush ruleset\ninclude \"/etc/nftables.d/network-protocol.nft\"\n", await File.ReadAllTextAsync(Under("etc/nftables.conf")));
        Assert.Equal(FirewallRules.Edited("host.nft"), await File.ReadAllTextAsync(Under("etc/nftables.d/network-protocol.nft")));
        Assert.Equal(1, (await ApplyAsync("--rollback")).ExitCode);

        await Eventually.Async(() => Task.FromResult(Clocks() == 0), () => "A clock goes on.");
        (await ApplyAsync(Edited("dmz.nft"))).Good();
        (await ApplyAsync("--rollback")).Good();
        Assert.Equal(confirmed, await RulesAsync());
    }

    [Fact]
    public async Task Confirmed_rules_of_iptables_are_saved_where_debian_loads_them_from()
    {
        (await ApplyAsync(Edited("iptables.rules", "ip6tables.rules"))).Good();
        (await ApplyAsync("--confirm")).Good();
        var rules = await RulesAsync();
        (await _machine.RunAsync(
            "bash", "-c",
            "iptables -P INPUT ACCEPT; iptables -F; iptables -X; ip6tables -P INPUT ACCEPT; ip6tables -F; ip6tables -X")).Good();
        Assert.NotEqual(rules, await RulesAsync());
        (await _machine.RunAsync("iptables-restore", Under("etc/iptables/rules.v4"))).Good();
        (await _machine.RunAsync("ip6tables-restore", Under("etc/iptables/rules.v6"))).Good();
        Assert.Equal(rules, await RulesAsync());
    }

    [Fact]
    public async Task Where_there_is_systemd_the_clock_and_the_boot_are_its_own()
    {
        Directory.CreateDirectory(Under("run/systemd/system"));
        await FakeAsync("systemd-run", $"echo systemd-run \"$@\" >>{Under("calls")}");
        await FakeAsync("systemctl", $"echo systemctl \"$@\" >>{Under("calls")}");
        (await ApplyAsync(["--seconds", "90", .. Edited("host.nft")])).Good();
        (await ApplyAsync("--confirm")).Good();
        var calls = await File.ReadAllTextAsync(Under("calls"));
        Assert.Matches(
            @"systemd-run .*--unit=(network-protocol-firewall-\d+) --on-active=90 "
                + $@".*bash {Script} --root {_root.FullName}/ --rollback \d+\n"
                + @"systemctl stop --quiet \1.timer\nsystemctl enable --quiet nftables.service\n$", calls);
    }

    [Theory]
    [InlineData("tcp dport $PUBLIC_PORTS goto clients", "tcp dport $PUBLIC_PORTS goto nowhere", "nft refuses")]
    [InlineData("define HTTP_PORT = 8080", "flush ruleset; define HTTP_PORT = 8080", "may touch table inet network_protocol alone")]
    [InlineData("define HTTP_PORT = 8080", "add table ip filter\ndefine HTTP_PORT = 8080", "may touch table inet network_protocol alone")]
    [InlineData("10.77.2.0/28", "192.0.2.0/28", "documentation alone")]
    public async Task A_file_that_is_wrong_changes_nothing(string right, string wrong, string complaint)
    {
        await LoadOldAsync();
        var before = await RulesAsync();
        var file = Edited("host.nft")[0];
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace(right, wrong, StringComparison.Ordinal));
        await IsRefusedAsync([file], complaint);
        await IsRefusedAsync(["--check", file], complaint);
        Assert.Equal(before, await RulesAsync());
    }

    [Theory]
    [InlineData("COMMIT\n", "-A INPUT -p nothing -j ACCEPT\nCOMMIT\n")]
    [InlineData("COMMIT\n", "-A NOWHERE -j ACCEPT\nCOMMIT\n")] // iptables-restore --test accepts this line
    public async Task Of_two_files_of_iptables_a_wrong_one_keeps_the_other_out(string right, string wrong)
    {
        var files = Edited("iptables.rules", "ip6tables.rules");
        await File.WriteAllTextAsync(files[1], (await File.ReadAllTextAsync(files[1])).Replace(right, wrong, StringComparison.Ordinal));
        await IsRefusedAsync(files, "ip6tables-restore refuses");
        await IsRefusedAsync(["--check", .. files], "ip6tables-restore refuses");
        Assert.DoesNotContain("8443", await RulesAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_files_the_first_goes_back_when_the_kernel_refuses_the_second()
    {
        await LoadOldAsync();
        var before = await RulesAsync();
        // The fake finds no fault in the check and then fails once when it loads, like a kernel without free memory.
        await FakeAsync("ip6tables-restore", $$"""
            case " $* " in *" --test "*) exit 0 ;; esac
            [ ! -e {{Under("failed")}} ] && [ -e {{Under("run/network-protocol-firewall/pending/id")}} ] \
              && touch {{Under("failed")}} && exit 1
            exec "$(PATH=${PATH#*:} command -v ip6tables-restore)" "$@"
            """);
        await IsRefusedAsync(Edited("iptables.rules", "ip6tables.rules"), "the old ones are in force");
        Assert.Equal(before, await RulesAsync());
    }

    [Fact]
    public async Task Nothing_is_loaded_over_what_still_waits_and_a_check_loads_nothing()
    {
        (await ApplyAsync(["--check", .. Edited("host.nft")])).Good();
        (await ApplyAsync(["--check", .. Edited("iptables.rules", "ip6tables.rules")])).Good();
        Assert.DoesNotContain("8443", await RulesAsync(), StringComparison.Ordinal);
        (await ApplyAsync(Edited("host.nft"))).Good();
        await IsRefusedAsync(Edited("dmz.nft"), "wait for --confirm or --rollback");
        (await ApplyAsync("--rollback")).Good();
    }

    [Theory]
    [InlineData("host.nft")]
    [InlineData("dmz.nft")]
    [InlineData("iptables.rules", "ip6tables.rules")]
    public async Task A_machine_without_IPv6_puts_in_what_the_file_says(params string[] files)
    {
        var edited = Edited(files);
        var rules = await File.ReadAllTextAsync(edited[^1]);
        var without = edited.Length == 1
            ? Regex.Replace(
                rules, @"(?<=^define \w+6 = ).*$",
                line => line.Value.Contains('{', StringComparison.Ordinal) ? "{ ::1 }" : "::1", RegexOptions.Multiline)
            : Regex.Replace(rules, @"^-A (ADMIN|MONITORING) .*\n", "", RegexOptions.Multiline);
        Assert.Contains("fd77:", rules, StringComparison.Ordinal);
        Assert.DoesNotContain("fd77:", without, StringComparison.Ordinal);
        await File.WriteAllTextAsync(edited[^1], without);
        (await ApplyAsync(edited)).Good();
        (await ApplyAsync("--rollback")).Good();
    }

    [Theory]
    [InlineData("--seconds", "soon", "host.nft")]
    [InlineData("--no-such-option")]
    [InlineData]
    public async Task A_wrong_usage_is_told(params string[] arguments)
    {
        var result = await ApplyAsync(arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("usage: apply.sh", result.Errors, StringComparison.Ordinal);
    }

    public async Task DisposeAsync()
    {
        await _machine.DisposeAsync();
        _root.Delete(recursive: true);
    }

    private static string Script => Repository.Deploy("firewall/apply.sh");

    private string Under(string path) => Path.Combine(_root.FullName, path);

    private string[] Edited(params string[] names) => FirewallRules.EditedFiles(_root.FullName, names);

    private Task<ToolResult> ApplyAsync(params string[] arguments) =>
        _machine.RunAsync(
            "env", [$"PATH={_root.FullName}:{Environment.GetEnvironmentVariable("PATH")}", Script, "--root", _root.FullName, .. arguments]);

    private async Task IsRefusedAsync(string[] arguments, string complaint)
    {
        var result = await ApplyAsync(arguments);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(complaint, result.Errors, StringComparison.Ordinal);
    }

    private async Task LoadOldAsync()
    {
        (await _machine.RunAsync(Old, "nft", ["-f", "-"])).Good();
        (await _machine.RunAsync("iptables", "-A", "INPUT", "-p", "tcp", "--dport", "7", "-j", "ACCEPT")).Good();
        (await _machine.RunAsync("ip6tables", "-A", "INPUT", "-p", "tcp", "--dport", "7", "-j", "ACCEPT")).Good();
    }

    private async Task<string> RulesAsync() =>
        (await _machine.RunAsync(
            "bash", "-c",
            "nft -s list tables inet; nft -s list table inet network_protocol 2>/dev/null; iptables -S; ip6tables -S")).Good().Output;

    private int Clocks() => Directory.GetDirectories("/proc").Count(process =>
    {
        try
        {
            var command = File.ReadAllText(Path.Combine(process, "cmdline"));
            return command.Contains(_root.FullName, StringComparison.Ordinal) && command.Contains("--rollback", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // the entry is no process, or the process has just ended
        }
    });

    private Task NothingWaitsAsync() =>
        Eventually.Async(() => Task.FromResult(!Directory.Exists(Under("run/network-protocol-firewall/pending"))));

    private async Task FakeAsync(string program, string does)
    {
        await File.WriteAllTextAsync(Under(program), $"#!/bin/sh\n{does}\n");
        File.SetUnixFileMode(Under(program), UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }
}
