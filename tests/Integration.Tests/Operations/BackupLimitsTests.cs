using System.Text;

namespace Integration.Tests.Operations;

/// <summary>Small files that demand much memory. Reading a forged backup must not need more memory than reading a good one.</summary>
public sealed class BackupLimitsTests
{
    /// <summary>The limit of .NET's memory, in hexadecimal: 192 MiB. If the program exceeds it, it ends with another code.</summary>
    private const string MemoryLimit = "C000000";

    private const int Huge = 400 * 1024 * 1024;
    private const int Chain = 39;
    private const int ShortLinks = 99_900;
    private const int LongestTarget = 4_095;

    public static TheoryData<string, string> Forgeries => new()
    {
        { "extended header", "an entry has an extended header of 419430400 bytes; the most is 73728" },
        { "long name", "is of type 4c, which no backup holds" },
        { "long link", "is of type 4b, which no backup holds" },
        { "global header", "is of type 67, which no backup holds" },
        { "sparse map", "is of type 53, which no backup holds" },
        { "manifest", "manifest.json has 419430400 bytes; the most is 33554432" },
        { "list of nothing", "manifest.json lists more than 100000 files" },
        { "entries", "more than 100000 entries in all" },
        { "names", "more than 16777216 bytes of names in all" },
        { "depth", "more than 1000 folders within each other" },
        { "path", "more than 65536 bytes in its path" },
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task A_forged_backup_takes_little_memory_and_says_what_is_too_much(string kind, string error)
    {
        using var saved = await SavedServer.CreateAsync();
        var forged = saved.InFolder("forged.age");
        await ForgedBackup.MakeAsync(saved, forged, tar => ForgeAsync(kind, tar));
        Assert.InRange(new FileInfo(forged).Length, 0, 8_000_000);
        var (exitCode, _, errors) = await VerifyAsync(saved, forged);
        Assert.Contains(error, errors, StringComparison.Ordinal);
        Assert.Equal((1, 1), (exitCode, errors.Count('\n')));
    }

    /// <summary>
    /// Each link leads through a chain of links with the longest possible targets, each of which points to the next link.
    /// </summary>
    [Fact]
    public async Task A_forged_backup_whose_links_are_long_to_follow_is_refused_soon()
    {
        using var saved = await SavedServer.CreateAsync();
        var forged = saved.InFolder("forged.age");
        await ForgedBackup.MakeAsync(saved, forged, async tar =>
        {
            await tar.WriteAsync(ForgedBackup.Header('5', "configuration", 0));
            await AddAllAsync(
                tar, Chain, i => Link($"configuration/{i}", string.Concat(Enumerable.Repeat("./", (LongestTarget - 2) / 2)) + $"{i + 1}"));
            await AddAllAsync(tar, ShortLinks, i => Link($"configuration/to-{i}", "0"));
            await AddAllAsync(tar, 2, _ => [new byte[ForgedBackup.Block]]);
        });
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var (exitCode, _, errors) = await VerifyAsync(saved, forged);
        Assert.Contains("its links lead through too many folders to be followed", errors, StringComparison.Ordinal);
        Assert.Equal(1, exitCode);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task A_large_file_takes_little_memory_and_is_not_restored_where_there_is_no_room()
    {
        using var saved = await SavedServer.CreateAsync();
        await using (var large = File.Create(Path.Combine(saved.State, "large")))
        {
            large.SetLength(Huge);
        }

        var backup = await saved.BackUpAsync();
        Assert.Equal(0, (await VerifyAsync(saved, backup)).ExitCode);
        var small = Directory.CreateDirectory(saved.InFolder("small")).FullName;
        (await Tool.RunAsync("mount", "-t", "tmpfs", "-o", "size=64m", "none", small)).Good();
        try
        {
            await SavedServer.FailAsync(
                1, "has room for 67108864 bytes, and the backup holds 4194",
                "restore", backup, "--identity-file", saved.Key, "--into", small);
            Assert.Empty(Directory.GetFileSystemEntries(small));
        }
        finally
        {
            (await Tool.RunAsync("umount", small)).Good();
        }
    }

    private static Task<(int ExitCode, string Output, string Errors)> VerifyAsync(SavedServer saved, string backup) =>
        NetprotoProcess.RunAsync(
            [KeyValuePair.Create("DOTNET_GCHeapHardLimit", MemoryLimit)], "", "restore", backup, "--identity-file", saved.Key, "--verify");

    private static async Task ForgeAsync(string kind, Stream tar)
    {
        await tar.WriteAsync(ForgedBackup.Header('5', "configuration", 0));
        switch (kind)
        {
            case "entries":
                await AddAllAsync(tar, 100_001, i => [ForgedBackup.Header('0', $"configuration/{i}", 0)]);
                break;
            case "names":
                await AddAllAsync(tar, 300, i => Named('5', $"configuration/{i}{new string('n', 60_000)}"));
                break;
            case "depth":
                await AddAllAsync(tar, 1_001, i => Named('5', "configuration" + string.Concat(Enumerable.Repeat("/d", i + 1))));
                break;
            case "path":
                await AddAllAsync(tar, 1, _ => Named('0', $"configuration/{new string('n', 66_000)}"));
                break;
            case "list of nothing":
                var more = string.Concat(Enumerable.Range(0, 2_000_000).Select(i => $",\"{i:x}\":null"));
                var list = Encoding.ASCII.GetBytes($"{{\"format\":2,\"files\":{{\"a\":null{more}}}}}");
                await AddAllAsync(
                    tar, 1,
                    _ => [ForgedBackup.Header('0', "manifest.json", list.Length), list, new byte[-list.Length & (ForgedBackup.Block - 1)]]);
                break;
            default:
                var type = kind switch
                {
                    "extended header" => 'x',
                    "long name" => 'L',
                    "long link" => 'K',
                    "global header" => 'g',
                    "sparse map" => 'S',
                    _ => '0',
                };
                await tar.WriteAsync(ForgedBackup.Header(type, "manifest.json", Huge));
                await AddAllAsync(tar, Huge / 65_536, _ => [new byte[65_536]]);
                break;
        }

        await tar.WriteAsync(new byte[2 * ForgedBackup.Block]);
    }

    private static async Task AddAllAsync(Stream tar, int count, Func<int, byte[][]> blocks)
    {
        for (var i = 0; i < count; i++)
        {
            foreach (var block in blocks(i))
            {
                await tar.WriteAsync(block);
            }
        }
    }

    private static byte[][] Named(char type, string name) => [.. Extended($" path={name}\n"), ForgedBackup.Header(type, "short", 0)];

    private static byte[][] Link(string name, string target) => [.. Extended($" linkpath={target}\n"), ForgedBackup.Header('2', name, 0)];

    private static byte[][] Extended(string record)
    {
        var length = $"{record.Length + 1}".Length + record.Length;
        var records = Encoding.ASCII.GetBytes($"{(length.ToString().Length + record.Length)}{record}");
        return [ForgedBackup.Header('x', "extended", records.Length), records, new byte[-records.Length & (ForgedBackup.Block - 1)]];
    }
}
