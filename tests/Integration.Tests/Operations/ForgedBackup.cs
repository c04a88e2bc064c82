using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Integration.Tests.Operations;

/// <summary>A backup that an attacker made, which needs only the public key.</summary>
internal static class ForgedBackup
{
    public const int Block = 512;

    /// <summary>Packs and encrypts the tar archive that the function writes.</summary>
    public static async Task MakeAsync(SavedServer saved, string path, Func<Stream, Task> writeTar)
    {
        var plain = saved.InFolder("forged.tar.gz");
        await using (var file = File.Create(plain))
        await using (var packed = new GZipStream(file, CompressionLevel.Optimal))
        {
            await writeTar(packed);
        }

        File.Delete(path);
        (await Tool.RunAsync("age", "--recipient", saved.Recipient, "--output", path, plain)).Good();
    }

    /// <summary>Makes a backup whose manifest is good except for empty lists of files and links.</summary>
    public static Task MakeAsync(
        SavedServer saved, string path, params (TarEntryType Type, string Name, string Link)[] entries) =>
        MakeAsync(saved, path, async packed =>
        {
            await using var tar = new TarWriter(packed, leaveOpen: true);
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, "configuration"));
            foreach (var (type, name, link) in entries)
            {
                var entry = new PaxTarEntry(type, name);
                if (link.Length > 0)
                {
                    entry.LinkName = link;
                }

                await tar.WriteEntryAsync(entry);
            }

            var sources = new { configuration = saved.Restored };
            var manifest = new
            {
                format = 1, created = "2026-01-01T00:00:00Z", host = "h", program = "1", sources, files = new { }, links = new { },
            };
            using var json = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(manifest));
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "manifest.json") { DataStream = json });
        });

    /// <summary>The 512 bytes before an entry's content.</summary>
    public static byte[] Header(char type, string name, long size)
    {
        var block = new byte[Block];
        Encoding.ASCII.GetBytes(name).CopyTo(block, 0);
        Encoding.ASCII.GetBytes($"0000600\00000000\00000000\0{Convert.ToString(size, 8).PadLeft(11, '0')}\000000000000\0        {type}")
            .CopyTo(block, 100);
        "ustar\000"u8.CopyTo(block.AsSpan(257));
        Encoding.ASCII.GetBytes($"{Convert.ToString(block.Sum(value => value), 8).PadLeft(6, '0')}\0 ").CopyTo(block, 148);
        return block;
    }
}
