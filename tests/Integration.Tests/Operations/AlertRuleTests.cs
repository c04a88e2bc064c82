using System.Text.RegularExpressions;

namespace Integration.Tests.Operations;

/// <summary>Prometheus' own checks of the files that operators get, and the texts that every alert must have.</summary>
public sealed partial class AlertRuleTests
{
    private static readonly string Runbook = File.ReadAllText(Path.Combine(Repository.Root, "docs/operations/runbook.md"));

    [Fact]
    public async Task Promtool_finds_nothing_wrong()
    {
        var result = await Tool.RunAsync(
            "promtool", "check", "config", "--lint=all", "--lint-fatal", Repository.Deploy("prometheus/prometheus.yml"));
        Assert.Contains($"{AlertRules.Alerts.Count} rules found", result.Good().All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_alert_fires_when_it_should_and_only_then() =>
        (await Tool.RunAsync("promtool", ["test", "rules", .. AlertRules.Files("tests")])).Good();

    [Fact]
    public void Each_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not()
    {
        var names = AlertRules.Alerts.Select(alert => alert["alert"].ToString()).Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(names.Distinct(), names);
        foreach (var fires in new[] { true, false })
        {
            var held = AlertRules.Cases.Where(moment => moment.Fires == fires).Select(moment => moment.Alert);
            Assert.Equal(names, held.Distinct().Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Each_alert_says_how_bad_it_is_and_where_to_read_on()
    {
        foreach (var alert in AlertRules.Alerts)
        {
            var name = alert["alert"].ToString();
            var notes = alert["annotations"];
            Assert.Contains(alert["labels"]["severity"].ToString(), new[] { "critical", "warning" });
            Assert.All(new[] { "summary", "description" }, note => Assert.NotEmpty(notes[note].ToString()));
            Assert.Equal($"{{{{ $externalLabels.runbook }}}}#{name.ToLowerInvariant()}", notes["runbook_url"].ToString());
            var section = Section().Matches(Runbook).SingleOrDefault(match => match.Groups[1].Value == name);
            Assert.True(section is not null, $"The runbook has no section {name}.");
            Assert.All(
                new[] { "**It means**", "**Look**", "**Do**" }, part => Assert.Contains(part, section.Value, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_runbook_is_at_a_URL_that_one_setting_gives()
    {
        var configuration = File.ReadAllText(Repository.Deploy("prometheus/prometheus.yml"));
        Assert.Matches(@"(?m)^  external_labels:\n(    #.*\n)*    runbook: https://\S+/docs/operations/runbook\.md$", configuration);
    }

    [Fact]
    public void The_runbook_has_no_section_without_an_alert() => Assert.Equal(
        AlertRules.Alerts.Select(alert => alert["alert"].ToString()),
        Section().Matches(Runbook).Select(match => match.Groups[1].Value));

    [Fact]
    public async Task The_commands_of_the_runbook_exist()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "command-line", "netproto.dll");
        var help = (await Tool.RunAsync("dotnet", program, "--help")).Good().Output;
        var commands = Command().Matches(Runbook).Select(match => match.Groups[1].Value).Distinct().ToArray();
        Assert.NotEmpty(commands);
        Assert.All(commands, command => Assert.Matches($@"(?m)^\s+{command}\b", help));
    }

    [GeneratedRegex(@"^### (\w+)$(?:(?!^##)[\s\S])*", RegexOptions.Multiline)]
    private static partial Regex Section();

    [GeneratedRegex("netproto ([a-z-]+)")]
    private static partial Regex Command();
}
