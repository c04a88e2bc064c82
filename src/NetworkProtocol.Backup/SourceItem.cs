using NetworkProtocol.Backup.Files;
using NetworkProtocol.Backup.Tar;

namespace NetworkProtocol.Backup;

/// <summary>A file, a folder or a link that is saved.</summary>
/// <param name="Entry">What the archive says of it.</param>
/// <param name="Content">A file's content; whoever gets it closes it.</param>
/// <param name="Place">Where it was found.</param>
internal sealed record SourceItem(ArchiveEntry Entry, Stream? Content, string Place)
{
    public static SourceItem Of(string name, FileFacts facts, string place, Stream? content = null) =>
        new(new ArchiveEntry(facts.Kind, name) { Mode = facts.Mode, Modified = facts.Modified, Owner = facts.Owner, Size = content?.Length ?? 0 }, content, place);
}
