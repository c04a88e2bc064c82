using System.Text.RegularExpressions;
using Integration.Tests.Operations;

namespace Integration.Tests;

/// <summary>Who may know whom: the tables here are the rule, and docs/architecture.md describes it.</summary>
public sealed class ProjectReferenceTests
{
    /// <summary>Each project outside tests, with the projects that it may refer to.</summary>
    private static readonly Dictionary<string, string[]> References = new()
    {
        ["NetworkProtocol"] = [],
        ["NetworkProtocol.Settings"] = [],
        ["NetworkProtocol.Server"] = ["NetworkProtocol", "NetworkProtocol.Settings"],
        ["NetworkProtocol.Client"] = ["NetworkProtocol"],
        ["NetworkProtocol.Forwarding"] = [],
        ["NetworkProtocol.Edge"] =
            ["NetworkProtocol.Client", "NetworkProtocol.Forwarding", "NetworkProtocol.Server", "NetworkProtocol.Settings"],
        ["NetworkProtocol.Hub"] =
        [
            "NetworkProtocol.Client",
            "NetworkProtocol.Edge",
            "NetworkProtocol.Forwarding",
            "NetworkProtocol.Server",
            "NetworkProtocol.Settings",
        ],
        ["NetworkProtocol.Admin"] = [],
        ["NetworkProtocol.Backup"] = [],
        ["NetworkProtocol.Cli"] =
            ["NetworkProtocol.Admin", "NetworkProtocol.Backup", "NetworkProtocol.Client", "NetworkProtocol.Forwarding"],
        ["NetworkProtocol.Web"] =
        [
            "NetworkProtocol.Admin",
            "NetworkProtocol.Client",
            "NetworkProtocol.Edge",
            "NetworkProtocol.Hub",
            "NetworkProtocol.Server",
        ],
        ["Commands"] = ["NetworkProtocol.Server"],
        ["Chat"] = ["NetworkProtocol.Server"],
        ["Edge"] = ["NetworkProtocol.Edge"],
        ["Hub"] = ["NetworkProtocol.Hub"],
        ["AotClient"] = ["NetworkProtocol.Client"],
    };

    /// <summary>The types and calls that change something without a check of the role and without the audit log.</summary>
    private const string Changes =
        @"\b(BanList|ConnectionControl|Node(Topics|Disconnects|Bans|Breakers|Certificates|Drain|Tokens))\b"
        + @"|\.(Abort|TryDisconnect|TryStart)\(";

    /// <summary>Folders, with what no line of their sources may name, and why.</summary>
    private static readonly (string Folder, string Forbidden, string Reason)[] Names =
    [
        (
            "src/NetworkProtocol",
            @"Microsoft\.(Extensions|AspNetCore)\.|System\.Net\b|System\.IO\.Pipelines|TimeProvider\.System",
            "it is bytes alone: no I/O, no services, no clock"),
        (
            "src/NetworkProtocol.Forwarding",
            @"Microsoft\.(Extensions|AspNetCore)\.|System\.Net\b|System\.IO\.Pipelines|TimeProvider\.System",
            "it is messages alone: no I/O, no services, no clock"),
        (
            "src/NetworkProtocol.Certificates",
            @"NetworkProtocol\.(Server|Client|Web)\b|Microsoft\.AspNetCore\.",
            "server and client both compile it"),
        (
            "src/NetworkProtocol.Client",
            @"Microsoft\.AspNetCore\.(?!Connections\b)|\bPrometheus\b|\bSerilog\b",
            "it runs in programs without ASP.NET Core"),
        (
            "src/NetworkProtocol.Admin",
            @"Microsoft\.AspNetCore\.",
            "it runs in programs without ASP.NET Core"),
        (
            "src/NetworkProtocol.Server",
            @"\bSerilog\b|\bMudBlazor\b|\bPrometheus\.|\bOpenTelemetry\.",
            "how a program logs, looks and exports its metrics is its own decision"),
        (
            "src/NetworkProtocol.Backup",
            @"Microsoft\.AspNetCore\.|System\.CommandLine|Spectre\.Console|System\.Console\b",
            "it is a library: netproto has the options and the texts of its commands"),
        (
            "src/NetworkProtocol.Cli",
            @"Microsoft\.AspNetCore\.(?!Identity\b)",
            "it runs where no ASP.NET Core is installed"),
        (
            "src/Web/Components/Pages",
            Changes,
            "what changes something goes through INodeActions"),
        (
            "src/Web/Components/Parts",
            Changes,
            "what changes something goes through INodeActions"),
    ];

    public static TheoryData<string> Projects => [.. AllProjects().Keys];

    public static TheoryData<string, string, string> Folders
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            Array.ForEach(Names, rule => data.Add(rule.Folder, rule.Forbidden, rule.Reason));
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_refers_to_those_alone_that_it_may_know(string project)
    {
        Assert.True(References.TryGetValue(project, out var allowed), $"{project} is new: it needs its line in the table of this test.");
        var found = Regex.Matches(File.ReadAllText(AllProjects()[project]), "<ProjectReference Include=\"([^\"]+)\"")
            .Select(match => Path.GetFileNameWithoutExtension(match.Groups[1].Value.Replace('\\', '/')));
        Assert.Empty(found.Except(allowed));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Sources_do_not_name_what_they_must_not_know(string folder, string forbidden, string reason)
    {
        var lines = Sources(folder).SelectMany(file => File.ReadLines(file)
            .Where(line => Regex.IsMatch(line.Split("//")[0], forbidden))
            .Select(line => $"{Path.GetRelativePath(Repository.Root, file)}: {line.Trim()} ({reason})"));
        Assert.Empty(lines);
    }

    private static Dictionary<string, string> AllProjects() =>
        new[] { ".", "src", "samples" }
            .SelectMany(folder => Directory.GetFiles(
                Path.Combine(Repository.Root, folder),
                "*.csproj",
                folder == "." ? SearchOption.TopDirectoryOnly : SearchOption.AllDirectories))
            .ToDictionary(file => Path.GetFileNameWithoutExtension(file));

    private static string[] Sources(string folder)
    {
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".cs" or ".razor")
            .Where(file => !Regex.IsMatch(Path.GetRelativePath(Repository.Root, file), "(^|/)(bin|obj)/"))];
        Assert.NotEmpty(files);
        return files;
    }
}
