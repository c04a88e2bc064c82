using System.Text.Json;
using System.Text.Json.Serialization;

namespace NetworkProtocol.Backup;

/// <summary>What a backup holds: its last entry, by which all others are judged. In JSON names are as <see cref="FileNames.Escape"/> writes them.</summary>
/// <param name="Format">The version of this list.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Host">Where.</param>
/// <param name="Program">By which version of netproto.</param>
/// <param name="Sources">The first part of each path, and the folder that it stood for.</param>
/// <param name="Files">Each file, by its path in the backup.</param>
/// <param name="Links">Each symbolic link, by its path, and where it leads.</param>
internal sealed record Manifest(
    int Format,
    DateTimeOffset Created,
    string Host,
    string Program,
    Dictionary<string, string> Sources,
    Dictionary<string, ManifestFile> Files,
    Dictionary<string, string> Links)
{
    public const string Name = "manifest.json";
    public const int CurrentFormat = 2;

    /// <summary>The one in which names were UTF-8 and nothing was escaped.</summary>
    private const int FirstFormat = 1;

    /// <summary>Seven for a file in a list that is none too long; then what is in front.</summary>
    private const int MaxTokens = (8 * ArchiveBounds.MaxEntries) + 1000;

    // What the types promise, a stranger's JSON need not keep.
    private bool IsWhole => Host is not null && Program is not null && Sources is not null && Files is not null && Links is not null
        && Sources.Values.All(path => path is not null) && Links.Values.All(target => target is not null) && Files.Values.All(file => file?.Sha256 is not null);

    public long Bytes => Files.Values.Sum(file => file.Size);

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(Map(FileNames.Escape), ManifestJson.Default.Manifest);

    /// <exception cref="InvalidDataException">It is not one, or of a newer version.</exception>
    public static Manifest Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            RequireFew(json);
            var manifest = JsonSerializer.Deserialize(json, ManifestJson.Default.Manifest);
            if (manifest is not { Format: FirstFormat or CurrentFormat })
            {
                throw new InvalidDataException($"{Name} is of version {manifest?.Format}; this netproto knows versions {FirstFormat} to {CurrentFormat}");
            }

            return !manifest.IsWhole ? throw new InvalidDataException($"{Name} is no list of files: something is missing in it")
                : manifest.Format == FirstFormat ? manifest : manifest.Map(FileNames.Unescape);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{Name} is no list of files: {e.Message}");
        }
    }

    // Before anything is made of it, which takes more memory than its text.
    private static void RequireFew(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        for (var tokens = 0; reader.Read();)
        {
            if (++tokens > MaxTokens)
            {
                throw new InvalidDataException($"{Name} lists more than {ArchiveBounds.MaxEntries} files, which is the most that a backup may have");
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

/// <summary>A file as it was when it was read.</summary>
/// <param name="Size">Its bytes.</param>
/// <param name="Sha256">Their hash, in capitals.</param>
internal sealed record ManifestFile(long Size, string Sha256);

[JsonSerializable(typeof(Manifest))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
internal sealed partial class ManifestJson : JsonSerializerContext;
