namespace Integration.Tests.Operations;

/// <summary>
/// The exercise that an operator runs each quarter. It must work on that day. The tests run alone, because they measure times.
/// </summary>
[Collection(nameof(Alone))]
public sealed class DrillTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("drill-");

    [Fact]
    public async Task The_drill_loses_and_recovers_and_reports()
    {
        var report = Path.Combine(_folder.FullName, "report.md");
        (await DrillAsync("--clients", "30", "--seconds", "8", "--report", report)).Good();
        var text = await File.ReadAllTextAsync(report);
        Assert.Matches(@"\| \*\*RTO\*\*[^|]+\| \d+ ms \|", text);
        Assert.Matches(@"\| \*\*RPO\*\*[^|]+\| \d+ s \|", text);
        Assert.Matches(@"a node frozen: [^|]+ through HAProxy \| \d+ ms \| 6000 ms \|", text);
        Assert.Matches(@"several addresses \| \d+ ms \| 1000 ms \|", text);
        Assert.Matches(@"messages that are gone, of 350 \| 50 \|", text);
        Assert.Matches(@"restored from its backup: [^|]+ \| \d+ ms \|", text);
        Assert.Matches(@"with an empty disk: [^|]+ \| \d+ ms \|", text);
        Assert.Contains(
            "Good: certificate, configuration, audit log and settings are those that were saved", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_missing_is_said()
    {
        var result = await DrillAsync("--backup", "x");
        Assert.Equal((2, "drill.sh: --backup needs --identity-file\n"), (result.ExitCode, result.Errors));
        result = await DrillAsync("--seconds", "2");
        Assert.Equal((2, "drill.sh: --seconds 2: must be 8 to 999, as a loss may cost 6 s\n"), (result.ExitCode, result.Errors));
        result = await Tool.RunAsync(Repository.Deploy("drill/drill.sh"), "--program", _folder.FullName);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("see deploy/publish.sh", result.Errors, StringComparison.Ordinal);
        result = await Tool.RunAsync(Repository.Deploy("drill/drill.sh"), "--program", "/nowhere");
        Assert.Equal((2, "drill.sh: --program: there is no such folder\n"), (result.ExitCode, result.Errors));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task<ToolResult> DrillAsync(params string[] arguments)
    {
        var program = _folder.CreateSubdirectory("program");
        await MakeProgramAsync(Path.Combine(program.FullName, "NetworkProtocol.Web"), "NetworkProtocol.Web.dll");
        await MakeProgramAsync(Path.Combine(program.CreateSubdirectory("netproto").FullName, "netproto"), "command-line/netproto.dll");

        // The path is relative to the operator's folder.
        var drill = Repository.Deploy("drill/drill.sh");
        return await Tool.RunAsync(new System.Diagnostics.ProcessStartInfo(drill, ["--program", program.Name, .. arguments])
        {
            WorkingDirectory = _folder.FullName,
        });
    }

    // Makes the files that publish.sh would make, without publishing.
    private static async Task MakeProgramAsync(string path, string library)
    {
        await File.WriteAllTextAsync(path, $"#!/bin/sh\nexec dotnet {Path.Combine(AppContext.BaseDirectory, library)} \"$@\"\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }
}
