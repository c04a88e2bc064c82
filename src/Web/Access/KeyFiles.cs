using System.Text;
using System.Xml;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using NetworkProtocol.Web.Data;

namespace NetworkProtocol.Web.Access;

/// <summary>
/// The keys that cookies, forms and sessions are encrypted with. The framework writes one into the system's folder for temporary files
/// first, so nobody could sign in where that is read-only, as in a container.
/// </summary>
internal sealed class KeyFiles(DataFolder folder, ILoggerFactory loggers)
    : FileSystemXmlRepository(new DirectoryInfo(folder.File(FolderName)), loggers)
{
    private const string FolderName = "keys";
    private const string KeyPrefix = "key-";

    /// <summary>Looks at each kept key. The framework would go on with a new one, and sign everybody out.</summary>
    /// <exception cref="InvalidOperationException">One is damaged: the message names it.</exception>
    public static void Check(DataFolder folder, IKeyManager manager)
    {
        var place = new DirectoryInfo(folder.File(FolderName));
        var names = place.Exists ? place.GetFiles("*.xml").Select(file => Path.Combine(FolderName, file.Name)).ToArray() : [];
        foreach (var name in names)
        {
            Try(folder, name, () => XElement.Load(folder.File(name)));
        }

        var keys = manager.GetAllKeys();
        foreach (var name in names.Where(name => Path.GetFileName(name).StartsWith(KeyPrefix, StringComparison.Ordinal)))
        {
            Try(folder, name, () => keys.FirstOrDefault(key => name.Contains(key.KeyId.ToString(), StringComparison.OrdinalIgnoreCase))?.CreateEncryptor()
                ?? throw new FormatException("it holds no key that can be used."));
        }
    }

    /// <inheritdoc/>
    public override void StoreElement(XElement element, string friendlyName) =>
        folder.WriteBytes(Path.Combine(FolderName, $"{friendlyName}.xml"), Encoding.UTF8.GetBytes(element.ToString()));

    private static void Try(DataFolder folder, string name, Func<object> read)
    {
        try
        {
            read();
        }
        catch (UnauthorizedAccessException e)
        {
            throw new InvalidOperationException(e.Message, e);
        }
        catch (Exception e) when (e is XmlException or FormatException or InvalidOperationException or ArgumentException or NullReferenceException or System.Security.Cryptography.CryptographicException)
        {
            throw folder.Damaged(name, e);
        }
    }
}
