using Integration.Tests.Operations;

namespace Integration.Tests.Settings;

/// <summary>docs/configuration.md has every setting, with the default, range and description of the code.</summary>
public sealed class ConfigurationPageTests
{
    private const string Begin = "<!-- The tables below are generated from the options classes: see CONTRIBUTING. -->\n";

    /// <summary>Set to 1 to write the tables in place of comparing them.</summary>
    private const string WriteVariable = "WRITE_CONFIGURATION_PAGE";

    [Fact]
    public void The_tables_are_current()
    {
        var path = Path.Combine(Repository.Root, "docs/configuration.md");
        var page = File.ReadAllText(path);
        var expected = page[..(page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length)] + "\n" + SettingsTable.Write();
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
        {
            File.WriteAllText(path, expected);
        }

        Assert.True(
            expected == File.ReadAllText(path), $"docs/configuration.md is not current: run this test once with {WriteVariable}=1.");
    }
}
