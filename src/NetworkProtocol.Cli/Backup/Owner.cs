using System.Runtime.InteropServices;

namespace NetworkProtocol.Cli.Backup;

/// <summary>User and group of a file, on Linux.</summary>
/// <param name="UserId">The user's number.</param>
/// <param name="GroupId">The group's number.</param>
/// <param name="User">The user's name, or empty.</param>
/// <param name="Group">The group's name, or empty.</param>
internal sealed partial record Owner(int UserId, int GroupId, string User, string Group)
{
    private static readonly Lazy<AccountNames> Users = new(() => new AccountNames("/etc/passwd"));
    private static readonly Lazy<AccountNames> Groups = new(() => new AccountNames("/etc/group"));

    /// <summary>Null where it cannot be told.</summary>
    public static Owner? Of(string path) => Statx.Of(path) is not var (user, group, _) ? null
        : new Owner(user, group, Users.Value.Name(user), Groups.Value.Name(group));

    /// <summary>Gives a file to them, by name where this machine knows the names. Only root can, and only root does.</summary>
    /// <exception cref="IOException">It was refused.</exception>
    public void Apply(string path)
    {
        if (OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess
            && ChangeOwner(path, Users.Value.Id(User) ?? UserId, Groups.Value.Id(Group) ?? GroupId) != 0)
        {
            throw new IOException($"{path} could not be given to {User}:{Group}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, int user, int group);
}
