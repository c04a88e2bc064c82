using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using NetworkProtocol.Web.Data;

namespace NetworkProtocol.Web.Access;

/// <summary>
/// Stores the keys that encrypt cookies, forms and saved sign-ins in the data folder. The framework's own store first writes each key to
/// the system's folder for temporary files, so no user could sign in where that folder is read-only, as in a container.
/// </summary>
internal sealed class KeyFiles(DataFolder folder, ILoggerFactory loggers)
    : FileSystemXmlRepository(new DirectoryInfo(folder.File(FolderName)), loggers)
{
    private const string FolderName = "keys";
    private const string KeyPrefix = "key-";

    /// <summary>Checks each stored key. The framework would replace a damaged key by a new key, which signs all users out.</summary>
    /// <exception cref="InvalidOperationException">A key is damaged; the message names its file.</exception>
    public static void Check(DataFolder folder, IKeyManager manager)
    {
        var place = new DirectoryInfo(folder.File(FolderName));
        var names = place.Exists ? place.GetFiles("*.xml").Select(file => Path.Combine(FolderName, file.Name)).ToArray() : [];
        foreach (var name in names)
        {
            CheckFile(folder, name, () => XElement.Load(folder.File(name)));
        }

        var keys = manager.GetAllKeys();
        foreach (var name in names.Where(name => Path.GetFileName(name).StartsWith(KeyPrefix, StringComparison.Ordinal)))
        {
            CheckFile(folder, name, () => keys
                .FirstOrDefault(key => name.Contains(key.KeyId.ToString(), StringComparison.OrdinalIgnoreCase))?.CreateEncryptor()
                ?? throw new FormatException("the file contains no usable key."));
        }
    }

    /// <inheritdoc/>
    public override void StoreElement(XElement element, string friendlyName) =>
        folder.WriteBytes(Path.Combine(FolderName, $"{friendlyName}.xml"), Encoding.UTF8.GetBytes(element.ToString()));

    private static void CheckFile(DataFolder folder, string name, Func<object> read)
    {
        try
        {
            read();
        }
        catch (UnauthorizedAccessException e)
        {
            throw new InvalidOperationException(e.Message, e);
        }
        catch (Exception e) when (e is XmlException or FormatException or InvalidOperationException or ArgumentException
            or NullReferenceException or CryptographicException)
        {
            throw folder.Damaged(name, e);
        }
    }
}
