using System.Text.Json;

namespace NetworkProtocol.Backup;

/// <summary>
/// The last entry of a backup: a list of all others, which the reader compares with them. In JSON, names are escaped by
/// <see cref="FileNames.Escape"/>.
/// </summary>
/// <param name="Format">The version of this list.</param>
/// <param name="Created">When the backup was made.</param>
/// <param name="Host">The machine that made it.</param>
/// <param name="Program">The version of netproto that made it.</param>
/// <param name="Sources">The first part of each path, and the folder that it stood for.</param>
/// <param name="Files">Each file, by its path in the backup.</param>
/// <param name="Links">The target of each symbolic link, by its path in the backup.</param>
internal sealed record Manifest(
    int Format,
    DateTimeOffset Created,
    string Host,
    string Program,
    Dictionary<string, string> Sources,
    Dictionary<string, ManifestFile> Files,
    Dictionary<string, string> Links)
{
    /// <summary>The path of the manifest in the archive.</summary>
    public const string Name = "manifest.json";

    /// <summary>The version that is written.</summary>
    public const int CurrentFormat = 2;

    /// <summary>The first version, in which names were UTF-8 and nothing was escaped.</summary>
    private const int FirstFormat = 1;

    /// <summary>
    /// The most JSON tokens of a valid manifest: seven for each file or link, with some room, and the fields before the lists.
    /// </summary>
    private const int MaxTokens = (8 * ArchiveBounds.MaxEntries) + 1000;

    // The types say that nothing is null, but the JSON of a stranger can leave fields out.
    private bool IsWhole => Host is not null && Program is not null && Sources is not null && Files is not null && Links is not null
        && Sources.Values.All(path => path is not null) && Links.Values.All(target => target is not null)
        && Files.Values.All(file => file?.Sha256 is not null);

    /// <summary>The bytes of all files.</summary>
    public long Bytes => Files.Values.Sum(file => file.Size);

    /// <summary>The manifest as it is written.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(Map(FileNames.Escape), ManifestJson.Default.Manifest);

    /// <summary>Reads a manifest of any version.</summary>
    /// <exception cref="InvalidDataException">It is not a manifest, or of a newer version.</exception>
    public static Manifest Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            RequireFew(json);
            var manifest = JsonSerializer.Deserialize(json, ManifestJson.Default.Manifest);
            if (manifest is not { Format: FirstFormat or CurrentFormat })
            {
                throw new InvalidDataException(
                    $"{Name} is of version {manifest?.Format}; this netproto knows versions {FirstFormat} to {CurrentFormat}");
            }

            return !manifest.IsWhole
                ? throw new InvalidDataException($"{Name} is no list of files: something is missing in it")
                : manifest.Format == FirstFormat ? manifest : manifest.Map(FileNames.Unescape);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{Name} is no list of files: {e.Message}");
        }
    }

    // Called before the JSON becomes objects, which take more memory than its text.
    private static void RequireFew(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        for (var tokens = 0; reader.Read();)
        {
            if (++tokens > MaxTokens)
            {
                throw new InvalidDataException(
                    $"{Name} lists more than {ArchiveBounds.MaxEntries} files, which is the most that a backup may have");
            }
        }
    }

    private Manifest Map(Func<string, string> name) => this with
    {
        Sources = Sources.ToDictionary(source => source.Key, source => name(source.Value)),
        Files = Files.ToDictionary(file => name(file.Key), file => file.Value),
        Links = Links.ToDictionary(link => name(link.Key), link => name(link.Value)),
    };
}
