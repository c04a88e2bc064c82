namespace NetworkProtocol.Backup;

/// <summary>The user and the group of a file.</summary>
/// <param name="UserId">The user's number.</param>
/// <param name="GroupId">The group's number.</param>
/// <param name="User">The user's name; empty if this machine does not know it.</param>
/// <param name="Group">The group's name; empty if this machine does not know it.</param>
internal sealed record Owner(int UserId, int GroupId, string User, string Group)
{
    private static readonly Lazy<AccountNames> Users = new(() => new AccountNames("/etc/passwd"));
    private static readonly Lazy<AccountNames> Groups = new(() => new AccountNames("/etc/group"));

    /// <summary>The owner with these numbers, and their names on this machine.</summary>
    public static Owner Of(int userId, int groupId) => new(userId, groupId, Users.Value.Name(userId), Groups.Value.Name(groupId));

    /// <summary>
    /// The numbers on this machine: by name where this machine knows the name, because another machine can number differently.
    /// </summary>
    public (int User, int Group) Here => (Users.Value.Id(User) ?? UserId, Groups.Value.Id(Group) ?? GroupId);
}
