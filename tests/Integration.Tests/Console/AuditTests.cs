using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NetworkProtocol.Admin;
using NetworkProtocol.Settings;
using NetworkProtocol.Web.Access;
using NetworkProtocol.Web.Audit;
using NetworkProtocol.Web.Data;
using NetworkProtocol.Web.Node;

namespace Integration.Tests.Console;

/// <summary>The audit log when the process, the disk or the folder fails during an operation.</summary>
public sealed class AuditTests : IDisposable
{
    private static readonly Actor Olga = new("olga", Role.Operator, "192.0.2.1", Actor.Api);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    private string Current => Path.Combine(_folder.Path, "audit.jsonl");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_action_is_written_before_it_is_done_and_again_when_it_has_ended()
    {
        await using var audit = Open();
        var actions = new AuditedActions(audit, NullLogger<AuditedActions>.Instance);
        await actions.RunAsync(Olga, "ban", "192.0.2.7", async () =>
        {
            Assert.Equal(["started"], (await ReadAsync(Current)).Select(entry => entry.Result)); // on the disk
            Assert.Equal(["started"], audit.Recent.Select(entry => entry.Result));
            await using var afterCrash = Open(); // the next process reads this if the current process ends here
            Assert.Equal(("ban", "started"), (afterCrash.Recent[0].Action, afterCrash.Recent[0].Result));
            return Outcome.Done("x");
        });
        var written = await ReadAsync(Current);
        Assert.Equal(["started", "done"], written.Select(entry => entry.Result));
        Assert.Equal(written[0].Id, written[1].Id);
        Assert.Equal(["done"], audit.Recent.Select(entry => entry.Result)); // the page has one row for it

        var failed = await actions.RunAsync(Olga, "drain", "", () => throw new NotSupportedException());
        Assert.Equal(OutcomeKind.Failed, failed.Kind);
        Assert.Equal(("drain", "failed"), (audit.Recent[0].Action, audit.Recent[0].Result));
    }

    [Fact]
    public async Task An_action_that_cannot_be_written_down_is_not_done_and_the_next_one_that_can_is()
    {
        await using var server = await ServerProcess.StartAsync(IgnoringFileSizes, "--NetworkProtocol:Server:Tls:Mode=Disabled");
        using var session = await AdminSession.SignInAsync(server);
        await LimitFilesAsync(server, "0");
        using var refused = await session.SendAsync(HttpMethod.Post, "/api/v1/bans", new { target = "192.0.2.7", reason = "a test" });
        Assert.Equal(HttpStatusCode.InternalServerError, refused.StatusCode);
        Assert.Contains(
            "Nothing was changed, because the audit log cannot be written: ",
            await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("[]", await session.Http.GetStringAsync("/api/v1/bans"));
        await LimitFilesAsync(server, "unlimited");
        using var done = await session.SendAsync(HttpMethod.Post, "/api/v1/bans", new { target = "192.0.2.7", reason = "a test" });
        Assert.Equal(HttpStatusCode.OK, done.StatusCode);
    }

    [Theory]
    [InlineData("audit.jsonl.new")] // the new file cannot be made
    [InlineData("audit-20000101000000.jsonl")] // the full one cannot be renamed
    [InlineData("")] // the folder is gone
    public async Task A_rotation_that_fails_loses_no_entry_and_is_done_when_it_can_be(string obstacle)
    {
        await using var audit = new AuditLog(Data(), _time, maxFileBytes: 1_000);
        var aside = _folder.Path + "-aside";
        void Block()
        {
            if (obstacle.Length == 0)
            {
                Directory.Move(_folder.Path, aside);
            }
            else
            {
                Directory.CreateDirectory(Path.Combine(_folder.Path, obstacle));
            }
        }

        void Unblock()
        {
            if (obstacle.Length == 0)
            {
                Directory.Move(aside, _folder.Path);
            }
            else
            {
                Directory.Delete(Path.Combine(_folder.Path, obstacle));
            }
        }

        Block();
        await WriteAsync(audit, 20, TimeSpan.Zero);
        Assert.Null(audit.Problem);
        Assert.NotNull(audit.RotationProblem);
        Unblock();
        await WriteAsync(audit, 20, TimeSpan.FromSeconds(1));
        Assert.Null(audit.RotationProblem);
        Assert.Equal(40, audit.Recent.Count);
        var files = Directory.GetFiles(_folder.Path, "audit*.jsonl");
        Assert.True(files.Length > 1);
        Assert.Equal(40, (await Task.WhenAll(files.Select(ReadAsync))).Sum(entries => entries.Length));
    }

    [Fact]
    public async Task A_rotation_that_stopped_half_way_is_ended_later()
    {
        await using var audit = new AuditLog(Data(), _time, maxFileBytes: 1_000);
        await WriteAsync(audit, 5, TimeSpan.FromSeconds(1));
        File.Move(Current, Path.Combine(_folder.Path, "audit-1.jsonl")); // the file was renamed, but there is no new file
        await WriteAsync(audit, 20, TimeSpan.FromSeconds(1));
        Assert.Null(audit.Problem);
        Assert.Null(audit.RotationProblem);
        Assert.Equal(
            25, (await Task.WhenAll(Directory.GetFiles(_folder.Path, "audit*.jsonl").Select(ReadAsync))).Sum(entries => entries.Length));
    }

    [Fact]
    public async Task Actions_whose_end_was_never_written_are_bounded_and_the_newest_stay()
    {
        var started = Enumerable.Range(0, AuditLog.MaxRecent + 5).Select(i => JsonSerializer.Serialize(
            new AuditEntry(
                _time.GetUtcNow() + TimeSpan.FromSeconds(i), "olga", "192.0.2.1", "api", "ban", "x", AuditLog.Started, "", $"{i}")));
        await File.WriteAllLinesAsync(Current, started);
        await using var audit = Open();
        Assert.Equal(AuditLog.MaxRecent, audit.Recent.Count);
        Assert.Equal($"{AuditLog.MaxRecent + 4}", audit.Recent[0].Id);
    }

    // The names of full files contain the second, so the step must give each file another second.
    private async Task WriteAsync(AuditLog audit, int entries, TimeSpan step)
    {
        for (var i = 0; i < entries; i++)
        {
            await audit.WriteAsync("olga", "192.0.2.1", "api", "ban", $"192.0.2.{i}", "done", "x");
            _time.Advance(step);
        }
    }

    /// <summary>
    /// Starts the program with a file size limit. A write beyond the limit fails as on a full disk, and does not end the process.
    /// </summary>
    private static void IgnoringFileSizes(ProcessStartInfo start)
    {
        var command = start.ArgumentList.Prepend(start.FileName).ToArray();
        start.FileName = "sh";
        start.ArgumentList.Clear();
        foreach (var argument in (string[])["-c", "trap '' XFSZ; exec \"$@\"", "sh", .. command])
        {
            start.ArgumentList.Add(argument);
        }
    }

    private static async Task LimitFilesAsync(ServerProcess server, string bytes)
    {
        using var prlimit = Process.Start("prlimit", [$"--pid={server.Id}", $"--fsize={bytes}:unlimited"]);
        await prlimit.WaitForExitAsync();
        Assert.Equal(0, prlimit.ExitCode);
    }

    private static async Task<AuditEntry[]> ReadAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return [.. (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<AuditEntry>(line)!)];
    }

    private AuditLog Open() => new(Data(), _time);

    private DataFolder Data() => new(Options.Create(new AdminOptions { DataPath = _folder.Path }));
}
